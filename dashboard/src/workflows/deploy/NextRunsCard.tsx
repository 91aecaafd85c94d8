import { useQuery } from "@tanstack/react-query";
import { Card } from "@/ui/Card";
import { useNow } from "@/ui/clock";
import { ago } from "@/ui/times";
import { nextRunsQuery } from "../queries";
import type { WorkflowDetail } from "../shapes";
import style from "./Deployment.module.css";

/** When its clocks fire next; of the draft, as long as nothing is deployed. */
export function NextRunsCard({ workflow }: { workflow: WorkflowDetail }) {
  const next = useQuery({
    ...nextRunsQuery(workflow.id),
    queryKey: [...nextRunsQuery(workflow.id).queryKey, workflow.updated_at],
  });
  const now = useNow();
  if (next.isError) {
    return (
      <Card title="Next runs">
        <p className={style.soft}>{next.error.message}</p>
      </Card>
    );
  }
  if (next.data === undefined || next.data.triggers.length === 0) return null;
  return (
    <Card title={next.data.deployed ? "Next runs" : "Next runs, once it is deployed"}>
      {next.data.triggers.map((trigger) => (
        <section key={trigger.node} aria-label={`Next runs of ${trigger.node}`}>
          <h3>
            {trigger.node}: {trigger.schedule} ({trigger.timezone})
          </h3>
          <ol className={style.times}>
            {trigger.runs.map((run) => (
              <li key={run.at}>
                <time dateTime={run.at}>{run.local.replace("T", " ")}</time>{" "}
                <span className={style.soft}>in {ago(Math.max(0, (Date.parse(run.at) - now) / 1_000))}</span>
              </li>
            ))}
          </ol>
        </section>
      ))}
    </Card>
  );
}
