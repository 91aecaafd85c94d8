import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useMayWrite } from "@/login/queries";
import { Button } from "@/ui/Button";
import { Page } from "@/ui/Page";
import { workflowsQuery } from "@/workflows/queries";
import { Choice } from "./Choice";
import { LetterCounts } from "./LetterCounts";
import { LetterList } from "./LetterList";
import { LetterPanel } from "./LetterPanel";
import style from "./LettersPage.module.css";
import { PurgeDialog } from "./PurgeDialog";
import { letterCountsQuery } from "./queries";
import { letterCommand } from "./search";

const route = getRouteApi("/shell/dead-letters");

/** What has failed for good and nobody has seen to. */
export function LettersPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMayWrite();
  const [purging, setPurging] = useState(false);
  const counts = useQuery(letterCountsQuery).data;
  const workflows = useQuery(workflowsQuery).data ?? [];
  const names = new Map(workflows.map((it) => [it.id, it.name]));
  const set = (change: object) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <Page
      title="Dead letters"
      cli={letterCommand(search)}
      actions={
        mayWrite &&
        (counts?.total ?? 0) > 0 && (
          <Button kind="danger" onClick={() => setPurging(true)}>
            Purge…
          </Button>
        )
      }
    >
      <LetterCounts />
      <search className={style.filters}>
        <Choice
          label="Workflow"
          value={search.workflow === undefined ? "" : String(search.workflow)}
          options={counted(counts?.by_workflow, search.workflow).map(([id, count]) => [
            id,
            `${names.get(Number(id)) ?? `workflow ${id}`} (${count})`,
          ])}
          onChange={(value) => set({ workflow: value === "" ? undefined : Number(value) })}
        />
        <Choice
          label="Node type"
          value={search.node_type ?? ""}
          options={counted(counts?.by_node_type, search.node_type).map(([type, count]) => [type, `${type} (${count})`])}
          onChange={(value) => set({ node_type: value || undefined })}
        />
      </search>
      <div className={style.columns} data-open={search.letter !== undefined}>
        <LetterList search={search} names={names} onChoose={(letter) => set({ letter })} />
        {search.letter !== undefined && (
          <aside aria-label={`Dead letter ${search.letter}`}>
            <LetterPanel
              key={search.letter}
              id={search.letter}
              onClose={() => set({ letter: undefined })}
              onBegun={(run) => void navigate({ to: "/runs/$run", params: { run }, search: {} })}
            />
          </aside>
        )}
      </div>
      {purging && (
        <PurgeDialog
          search={search}
          names={names}
          onClose={() => setPurging(false)}
          onPurged={() => set({ letter: undefined })}
        />
      )}
    </Page>
  );
}

/** How many letters each has; what is chosen stands among them when its last one has gone. */
function counted(counts: Readonly<Record<string, number>> = {}, chosen: string | number | undefined) {
  return Object.entries(chosen === undefined ? counts : { [chosen]: 0, ...counts });
}
