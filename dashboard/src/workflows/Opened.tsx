import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useCallback } from "react";
import { Page } from "@/ui/Page";
import { Tag } from "@/ui/Status";
import { Tabs } from "@/ui/Tabs";
import { Actions } from "./Actions";
import { DeploymentTab } from "./deploy/DeploymentTab";
import { ConflictNotice } from "./editor/ConflictNotice";
import type { DraftStore } from "./editor/draft";
import { SaveState } from "./editor/SaveState";
import { useDraftState } from "./editor/useDraft";
import { useProblems } from "./editor/useProblems";
import style from "./Opened.module.css";
import { VersionsTab } from "./publish/VersionsTab";
import { RunsTab } from "./RunsTab";
import type { Tab, WorkflowSearch } from "./routes";
import type { WorkflowDetail } from "./shapes";
import { Back } from "./WorkflowPage";

const Editor = lazy(() => import("./editor/Editor"));
const route = getRouteApi("/shell/workflows/$workflow");

const NAMES: readonly { readonly key: Tab; readonly label: string }[] = [
  { key: "editor", label: "Editor" },
  { key: "versions", label: "Versions" },
  { key: "deployment", label: "Deployment" },
  { key: "runs", label: "Runs" },
];

export function Opened({ workflow, draft }: { workflow: WorkflowDetail; draft: DraftStore }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const { history } = useDraftState(draft);
  const problems = useProblems(history.now, workflow.problems);
  const tab = search.tab ?? "editor";
  const go = useCallback(
    (next: WorkflowSearch, replace = false) =>
      void navigate({ to: "/workflows/$workflow", params: { workflow: String(workflow.id) }, search: next, replace }),
    [navigate, workflow.id],
  );
  const onSelection = useCallback((key: string | undefined) => go(key ? { select: key } : {}, true), [go]);
  return (
    <Page
      title={workflow.name}
      lead={<Back />}
      full={tab === "editor"}
      cli={tab === "runs" ? `corral run list --workflow ${workflow.id}` : `corral workflow ${CLI[tab]} ${workflow.id}`}
      actions={<Actions workflow={workflow} draft={draft} problems={problems} onDraft={tab === "editor"} />}
    >
      <div className={style.line}>
        <Tabs
          label="Workflow"
          tabs={NAMES}
          current={tab}
          onChoose={(next) => go(next === "editor" ? {} : { tab: next })}
        />
        <span className={style.state}>
          {workflow.version !== null && <Tag tone="accent">v{workflow.version}</Tag>}
          <SaveState draft={draft} changed={workflow.changed} published={workflow.version !== null} />
        </span>
      </div>
      <ConflictNotice draft={draft} />
      {tab === "editor" && (
        <Suspense fallback={<p role="status">Loading the editor</p>}>
          <Editor
            workflow={workflow}
            draft={draft}
            problems={problems}
            selection={search.select}
            onSelection={onSelection}
          />
        </Suspense>
      )}
      {tab === "versions" && (
        <VersionsTab workflow={workflow} draft={draft} from={search.from} to={search.to} onCompare={go} />
      )}
      {tab === "deployment" && <DeploymentTab workflow={workflow} draft={draft} />}
      {tab === "runs" && <RunsTab workflow={workflow} />}
    </Page>
  );
}

const CLI = { editor: "show", versions: "diff", deployment: "deploy" } as const;
