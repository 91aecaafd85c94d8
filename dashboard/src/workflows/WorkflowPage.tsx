import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, Navigate } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useEffect, useState } from "react";
import { readAgain } from "@/api/again";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { DraftStore } from "./editor/draft";
import { Opened } from "./Opened";
import { saveDraft, workflowQuery } from "./queries";
import type { WorkflowDetail } from "./shapes";

const route = getRouteApi("/shell/workflows/$workflow");

/** One workflow: its draft in the editor, its versions, what it is armed for, its runs. */
export function WorkflowPage() {
  const { workflow } = route.useParams();
  const query = useQuery(workflowQuery(workflow));
  const id = query.data === undefined ? null : String(query.data.id);
  if (query.data === undefined) {
    return (
      <Page title={`Workflow ${workflow}`} lead={<Back />}>
        <Loaded query={query}>{() => null}</Loaded>
      </Page>
    );
  }
  // News of workflows name their ids: the page of a name is that of its id.
  if (id !== null && id !== workflow) return <Navigate to="/workflows/$workflow" params={{ workflow: id }} replace />;
  return <WithDraft key={id} workflow={query.data} />;
}

/** Holds the draft as long as the page is open, whichever tab is shown. */
function WithDraft({ workflow }: { workflow: WorkflowDetail }) {
  const queries = useQueryClient();
  const [draft] = useState(() => {
    const { queryKey, queryFn } = workflowQuery(String(workflow.id));
    const save = async (definition: WorkflowDetail["definition"], since: string) => {
      const saved = await saveDraft(workflow.id, definition, since);
      queries.setQueryData(queryKey, saved);
      void readAgain(queries, ["workflows", "list"]);
      return saved;
    };
    return new DraftStore(workflow, { save, load: () => queries.fetchQuery({ queryKey, queryFn, staleTime: 0 }) });
  });
  useEffect(() => draft.heard(workflow), [draft, workflow]);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => draft.dirty && event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => {
      window.removeEventListener("beforeunload", warn);
      void draft.flush().catch(() => {}); // the page that could say why is gone
    };
  }, [draft]);
  return <Opened workflow={workflow} draft={draft} />;
}

export function Back() {
  return (
    <Link to="/workflows" aria-label="All workflows" title="All workflows">
      <ChevronLeft aria-hidden size={18} />
    </Link>
  );
}
