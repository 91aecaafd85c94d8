import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { cardsQuery } from "@/tasks/queries";
import { Card } from "@/ui/Card";
import { Empty } from "@/ui/Empty";
import { Since } from "@/ui/Since";
import { Status } from "@/ui/Status";
import type { Server } from "./state";
import style from "./WorkHere.module.css";

const SHOWN = 12;

/** The newest tasks of this machine. */
export function WorkHere({ server }: { server: Server }) {
  const tasks = useInfiniteQuery(cardsQuery({ server: server.name })).data?.pages[0]?.tasks ?? [];
  return (
    <Card
      title="Work here"
      actions={
        <Link to="/tasks" search={{ view: "list", server: server.name }}>
          All
        </Link>
      }
    >
      {tasks.length === 0 ? (
        <Empty title="No task has come here yet." />
      ) : (
        <ul>
          {tasks.slice(0, SHOWN).map((task) => (
            <li key={task.id} className={style.row} data-row>
              <Status of={task.status} />
              <Link to="/tasks/$task" params={{ task: task.id }}>
                {task.title}
              </Link>
              <Since at={task.since} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
