import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Navigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Tabs } from "@/ui/Tabs";
import { History } from "./History";
import { NodeList } from "./NodeList";
import { NodePanel } from "./NodePanel";
import { Output } from "./Output";
import { runQuery } from "./queries";
import { RunActions } from "./RunActions";
import style from "./RunPage.module.css";
import { RunState } from "./RunState";
import type { Tab } from "./search";
import { isOver, type RunWhole } from "./shapes";
import { TimelineTab } from "./TimelineTab";
import { useRunWatch } from "./useRunWatch";

const RunGraph = lazy(() => import("./RunGraph"));
const route = getRouteApi("/shell/runs/$run");

const LABELS: readonly { key: Tab; label: string }[] = [
  { key: "graph", label: "Graph" },
  { key: "timeline", label: "Timeline" },
  { key: "history", label: "History" },
  { key: "output", label: "Output" },
];

/** One run: what each of its nodes does and did. */
export function RunPage() {
  const { run } = route.useParams();
  const search = route.useSearch();
  const query = useQuery(runQuery(run));
  // What is told names whole ids: the page of a short one is that of the whole.
  if (query.data && query.data.id !== run)
    return <Navigate to="/runs/$run" params={{ run: query.data.id }} search={search} replace />;
  if (query.data) return <TheRun run={query.data} />;
  return (
    <Page title={`Run ${run.slice(0, 8)}`} lead={<Back />}>
      <Loaded query={query}>{() => null}</Loaded>
    </Page>
  );
}

function TheRun({ run }: { run: RunWhole }) {
  const { tab = "graph", node } = route.useSearch();
  const navigate = route.useNavigate();
  useRunWatch(run.id);
  const choose = (key: string | null) =>
    void navigate({ search: (before) => ({ ...before, node: key ?? undefined }), replace: true });
  return (
    <Page
      title={run.workflow}
      lead={<Back />}
      full
      cli={`corral run show ${run.id.slice(0, 8)}`}
      actions={
        <RunActions run={run} onBegun={(id) => void navigate({ to: "/runs/$run", params: { run: id }, search: {} })} />
      }
    >
      <RunState run={run} />
      <div className={style.tabs}>
        <Tabs
          label="About this run"
          tabs={LABELS}
          current={tab}
          onChoose={(key) =>
            void navigate({
              search: (before) => ({ ...before, tab: key === "graph" ? undefined : key }),
              replace: true,
            })
          }
        />
      </div>
      <div className={style.columns}>
        <div role="tabpanel" aria-labelledby={`tab-${tab}`} className={style.panel}>
          {tab === "graph" && (
            <Suspense>
              <RunGraph run={run} node={node ?? null} onChoose={choose} />
            </Suspense>
          )}
          {tab === "timeline" && <TimelineTab run={run} node={node ?? null} onChoose={choose} />}
          {tab === "history" && <History runId={run.id} />}
          {tab === "output" && <Output run={run} />}
        </div>
        <aside className={style.side} aria-label={node ? `Node ${node}` : "Nodes"}>
          {node ? (
            <NodePanel
              key={node}
              run={run}
              nodeKey={node}
              mayAgain={isOver(run)}
              onChoose={choose}
              onBegun={(id) => void navigate({ to: "/runs/$run", params: { run: id }, search: {} })}
            />
          ) : (
            <NodeList nodes={run.nodes} onChoose={choose} />
          )}
        </aside>
      </div>
    </Page>
  );
}

function Back() {
  return (
    <Link to="/runs" className={style.back}>
      Runs
    </Link>
  );
}
