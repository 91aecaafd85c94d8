import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { FileUp, Plus } from "lucide-react";
import { useMayWrite } from "@/login/queries";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { ranked } from "@/ui/matching";
import { Page } from "@/ui/Page";
import { ImportDialog } from "./ImportDialog";
import { NewDialog } from "./NewDialog";
import { workflowsQuery } from "./queries";
import type { WorkflowView } from "./shapes";
import style from "./WorkflowsPage.module.css";
import { WorkflowTable } from "./WorkflowTable";

const route = getRouteApi("/shell/workflows");

/** Every workflow: what it is at, whether it is armed, how its last run went. */
export function WorkflowsPage() {
  const { q = "", open } = route.useSearch();
  const navigate = useNavigate();
  const mayWrite = useMayWrite();
  const workflows = useQuery(workflowsQuery);
  const show = (next: "new" | "import" | undefined) =>
    void navigate({ to: "/workflows", search: { ...(q ? { q } : {}), ...(next ? { open: next } : {}) } });
  const filter = (text: string) => void navigate({ to: "/workflows", search: text ? { q: text } : {}, replace: true });
  return (
    <Page
      title="Workflows"
      cli="corral workflow list"
      actions={
        mayWrite && (
          <>
            <Button icon={FileUp} onClick={() => show("import")}>
              Import
            </Button>
            <Button kind="primary" icon={Plus} onClick={() => show("new")}>
              New workflow
            </Button>
          </>
        )
      }
    >
      <input
        type="search"
        className={style.filter}
        aria-label="Filter workflows"
        placeholder="Filter by name"
        value={q}
        onChange={(event) => filter(event.target.value)}
      />
      <Loaded query={workflows}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No workflow yet" cli="corral workflow apply FILE">
              A workflow is a graph of typed steps. Begin one here, or import a file of MachinaOs or AutomateOS.
            </Empty>
          ) : (
            <WorkflowTable rows={found(q, rows)} />
          )
        }
      </Loaded>
      {open === "new" && <NewDialog onClose={() => show(undefined)} />}
      {open === "import" && <ImportDialog onClose={() => show(undefined)} />}
    </Page>
  );
}

/** What answers the filter, best first; without one, what was changed last. */
function found(q: string, rows: readonly WorkflowView[]): readonly WorkflowView[] {
  if (q === "") return rows.toSorted((a, b) => b.updated_at.localeCompare(a.updated_at));
  return ranked(q, rows, (row) => `${row.name} ${row.id} ${row.description}`);
}

/** The address that the palette leads to. */
export function NewWorkflowPage() {
  const navigate = useNavigate();
  return (
    <Page title="New workflow" cli="corral workflow apply FILE">
      <p>
        <Link to="/workflows">All workflows</Link>
      </p>
      <NewDialog onClose={() => void navigate({ to: "/workflows" })} />
    </Page>
  );
}
