import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { taskQuery } from "@/tasks/queries";
import { Json } from "@/ui/Json";
import { Loaded } from "@/ui/Loaded";
import style from "./Details.module.css";
import type { Item } from "./shapes";

const Markdown = lazy(() => import("@/ui/Markdown"));

/** What is to be judged, read only when somebody opens it: a plan, a result, a question with its context. */
export function Details({ item }: { item: Item }) {
  const [open, setOpen] = useState(false);
  if (!item.task_id || item.kind === "host_lost") return null;
  return (
    <details className={style.details} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {{ plan_review: "The plan", review: "The result", failed: "The error" }[item.kind as string] ?? "More"}
      </summary>
      {open && <Judged taskId={item.task_id} item={item} />}
    </details>
  );
}

function Judged({ taskId, item }: { taskId: string; item: Item }) {
  return (
    <Loaded query={useQuery(taskQuery(taskId))}>
      {(task) => {
        if (item.kind === "plan_review") return <Shown value={task.plan} label="plan" />;
        if (item.kind === "review") return <Shown value={task.result} label="result" />;
        if (item.kind === "failed") return <Shown value={task.error} label="error" />;
        const question = task.interventions.find((it) => it.id === item.id) ?? task.interventions[0];
        return <Shown value={question?.context ?? question?.question ?? task.spec} label="context" />;
      }}
    </Loaded>
  );
}

function Shown({ value, label }: { value: unknown; label: string }) {
  if (typeof value !== "string") return <Json value={value ?? null} label={label} />;
  return (
    <Suspense>
      <Markdown text={value} />
    </Suspense>
  );
}
