import { Link } from "@tanstack/react-router";
import { Server } from "lucide-react";
import { memo } from "react";
import { Since } from "@/ui/Since";
import { Tag } from "@/ui/Status";
import { spaced } from "@/ui/tones";
import type { Card } from "./shapes";
import style from "./TaskCard.module.css";

/** Pixels from one card to the next: all are equally high, so that any number of them scrolls without measuring. */
export const CARD_HEIGHT = 98;

interface TaskCardProps {
  readonly task: Card;
  readonly onCarry: (card: Card | null) => void;
}

export const TaskCard = memo(function TaskCard({ task, onCarry }: TaskCardProps) {
  return (
    <Link
      to="/tasks/$task"
      params={{ task: task.id }}
      preload={false}
      className={style.card}
      data-row
      draggable
      onDragStart={() => onCarry(task)}
      onDragEnd={() => onCarry(null)}
    >
      <span className={style.title}>{task.title}</span>
      <span className={style.why} title={task.reason?.detail}>
        {task.reason ? spaced(task.reason.code) : task.type}
      </span>
      <span className={style.foot}>
        <code>{task.short_id}</code>
        {task.priority !== "normal" && <Tag tone={task.priority === "low" ? "quiet" : "warn"}>{task.priority}</Tag>}
        {task.assigned_server_name && (
          <span className={style.server} title={task.assigned_server_name}>
            <Server aria-hidden size={12} /> {task.assigned_server_name}
          </span>
        )}
        <span className={style.since}>
          <Since at={task.since} />
        </span>
      </span>
    </Link>
  );
});
