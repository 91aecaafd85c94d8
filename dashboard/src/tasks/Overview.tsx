import { lazy, Suspense } from "react";
import { Card } from "@/ui/Card";
import { Json } from "@/ui/Json";
import style from "./Overview.module.css";
import { Prose } from "./Prose";
import type { Task } from "./shapes";

const Markdown = lazy(() => import("@/ui/Markdown"));

/** What is to be done, what came in, and what came out. */
export function Overview({ task }: { task: Task }) {
  return (
    <>
      <Card title="Specification">
        {task.spec ? (
          <Suspense fallback={<pre className={style.plain}>{task.spec}</pre>}>
            <Markdown text={task.spec} />
          </Suspense>
        ) : (
          <p className={style.none}>None was written.</p>
        )}
        {task.acceptance_criteria.length > 0 && (
          <>
            <h3>Acceptance criteria</h3>
            <ul className={style.criteria}>
              {task.acceptance_criteria.map((it) => (
                <li key={it}>{it}</li>
              ))}
            </ul>
          </>
        )}
        <details>
          <summary>Structured specification</summary>
          <Json value={task.structured_spec} label="structured specification" />
        </details>
      </Card>
      {task.plan != null && (
        <Card title="Plan">
          <Prose value={task.plan} label="plan" />
          {task.plan_feedback && <p className={style.feedback}>Sent back with: {task.plan_feedback}</p>}
        </Card>
      )}
      {task.resolved_inputs && (
        <Card title="Inputs">
          <Json value={task.resolved_inputs} label="inputs" />
        </Card>
      )}
      {task.feedback != null && (
        <Card title="Feedback for the next round">
          <Prose value={task.feedback} label="feedback" />
        </Card>
      )}
      {task.result != null && (
        <Card title="Result">
          <Prose value={task.result} label="result" />
          {task.git_diff_stats != null && <Json value={task.git_diff_stats} label="changes" />}
        </Card>
      )}
    </>
  );
}
