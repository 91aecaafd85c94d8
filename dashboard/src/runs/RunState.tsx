import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Since } from "@/ui/Since";
import { Status, Tag } from "@/ui/Status";
import { span } from "@/ui/times";
import { childrenQuery } from "./queries";
import style from "./RunState.module.css";
import { questionOf, type RunWhole } from "./shapes";

/** How the run stands, why, and since when; who began it, and which runs belong to it. */
export function RunState({ run }: { run: RunWhole }) {
  const children = useQuery(childrenQuery(run.id)).data ?? [];
  return (
    <div className={style.state}>
      <Status of={run.status} />
      <Reason run={run} />
      {run.version === null ? (
        <Tag tone="accent" title="It tries out the draft as it was then; nothing was published">
          test run of the draft
        </Tag>
      ) : (
        <Tag title="The version of the workflow that this run is of">v{run.version}</Tag>
      )}
      <span>
        begun by {run.started_by}
        {run.trigger && ` at ${run.trigger}`}
        {", "}
        <Since at={run.created_at} suffix=" ago" />
        {run.finished_at && `, took ${span(Date.parse(run.finished_at) - Date.parse(run.created_at))}`}
      </span>
      <Link to="/workflows/$workflow" params={{ workflow: String(run.workflow_id) }}>
        Workflow
      </Link>
      {run.parent_run_id && (
        <Link to="/runs/$run" params={{ run: run.parent_run_id }}>
          Parent run {run.parent_run_id.slice(0, 8)}
        </Link>
      )}
      {children.map((child) => (
        <Link key={child.id} to="/runs/$run" params={{ run: child.id }}>
          {child.workflow} {child.id.slice(0, 8)} ({child.status})
        </Link>
      ))}
    </div>
  );
}

/** Why the run is where it is. */
function Reason({ run }: { run: RunWhole }) {
  if (run.failed !== null) {
    return (
      <Link to="/runs/$run" params={{ run: run.id }} search={{ node: run.failed }}>
        {run.failed} failed
      </Link>
    );
  }
  const asking = run.nodes.find((node) => questionOf(node) !== null);
  if (asking) {
    return (
      <Link to="/runs/$run" params={{ run: run.id }} search={{ node: asking.key }}>
        {asking.key} waits for your word
      </Link>
    );
  }
  const busy = run.nodes.filter((node) => node.status === "running" || node.status === "waiting");
  if (run.finished_at !== null || busy.length === 0) return null;
  const first = busy[0];
  return (
    <span className={style.quiet}>
      {first?.key} {first?.status} <Since at={first?.since} prefix="for " />
      {busy.length > 1 && `, and ${busy.length - 1} more`}
    </span>
  );
}
