import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { addressOf } from "@/servers/state";
import { Copy } from "@/ui/Copy";
import { Since } from "@/ui/Since";
import style from "./Facts.module.css";
import type { Task } from "./shapes";

export function Facts({ task }: { task: Task }) {
  return (
    <dl className={style.facts}>
      <Fact name="Id">
        <code>{task.short_id}</code> <Copy text={task.id} label="Copy the whole id" />
      </Fact>
      <Fact name="Machine">
        {task.assigned_server_id && task.assigned_server_name ? (
          <Link
            to="/servers/$server"
            params={{ server: addressOf({ id: task.assigned_server_id, name: task.assigned_server_name }) }}
          >
            {task.assigned_server_name}
          </Link>
        ) : (
          "none yet"
        )}
      </Fact>
      {task.session && (
        <Fact name="Terminal">
          <Link to="/terminals/$session" params={{ session: task.session.id }}>
            {task.session.name}
          </Link>{" "}
          ({task.session.status})
        </Fact>
      )}
      <Fact name="Runs as">{task.run_kind}</Fact>
      <Fact name="Attempt">{task.attempt}</Fact>
      {task.target_repo && (
        <Fact name="Repository">
          {task.target_repo}
          {task.target_branch && ` @ ${task.target_branch}`}
        </Fact>
      )}
      <Fact name="Created">
        <Since at={task.created_at} suffix=" ago" /> by {task.created_by}
      </Fact>
      {task.started_at && (
        <Fact name="Started">
          <Since at={task.started_at} suffix=" ago" />
        </Fact>
      )}
      {task.completed_at && (
        <Fact name="Ended">
          <Since at={task.completed_at} suffix=" ago" />
        </Fact>
      )}
      {task.dependencies.map((edge) => (
        <Fact
          key={edge.id}
          name={
            edge.dependency_type === "input"
              ? "Takes from"
              : edge.dependency_type === "blocks"
                ? "Waits for"
                : "Related"
          }
        >
          <Link to="/tasks/$task" params={{ task: edge.depends_on_task_id }}>
            {edge.title ?? edge.depends_on_task_id.slice(0, 8)}
          </Link>{" "}
          ({edge.resolved ? "arrived" : edge.status})
        </Fact>
      ))}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
