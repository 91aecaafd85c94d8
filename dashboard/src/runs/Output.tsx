import { useInfiniteQuery } from "@tanstack/react-query";
import { Card } from "@/ui/Card";
import { Json } from "@/ui/Json";
import style from "./NodePanel.module.css";
import { historyQuery } from "./queries";
import type { RunWhole } from "./shapes";

/** What the run was given, and what it put out. */
export function Output({ run }: { run: RunWhole }) {
  const history = useInfiniteQuery(historyQuery(run.id));
  const begun = history.data?.pages[0]?.events[0]?.fact as { inputs?: unknown; payload?: unknown } | undefined;
  return (
    <div className={style.panel}>
      <Card title="Inputs">
        <Json value={begun?.inputs ?? begun?.payload ?? null} label="inputs" />
      </Card>
      <Card title="Outputs">
        {run.finished_at === null && <p>The run is not over.</p>}
        <Json value={run.output} label="outputs" />
      </Card>
    </div>
  );
}
