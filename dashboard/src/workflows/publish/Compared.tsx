import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Loaded } from "@/ui/Loaded";
import type { Definition } from "../definition/definition";
import type { DraftStore } from "../editor/draft";
import panel from "../editor/Panel.module.css";
import { useDraftState } from "../editor/useDraft";
import { versionQuery } from "../queries";
import type { WorkflowSearch } from "../routes";
import type { Version, WorkflowDetail } from "../shapes";
import { DifferenceView } from "./DifferenceView";

/** How the address names the draft among versions, and the nothing before the first one. */
const DRAFT = undefined;
const NOTHING = 0;

interface ComparedProps {
  readonly workflow: WorkflowDetail;
  readonly draft: DraftStore;
  readonly versions: readonly Version[];
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly onCompare: (search: WorkflowSearch) => void;
}

/** The difference between two versions, or a version and the draft. */
export function Compared({
  workflow,
  draft,
  versions,
  from = workflow.version ?? NOTHING,
  to,
  onCompare,
}: ComparedProps) {
  const now = useDraftState(draft).history.now;
  const search = (next: { from?: number; to?: number | undefined }) => {
    const chosen = { from, to, ...next };
    onCompare({ tab: "versions", from: chosen.from, ...(chosen.to === DRAFT ? {} : { to: chosen.to }) });
  };
  return (
    <>
      <div className={panel.pair}>
        <label>
          from{" "}
          <select value={from} onChange={(event) => search({ from: Number(event.target.value) })}>
            {versions.map((it) => (
              <option key={it.number} value={it.number}>
                v{it.number}
              </option>
            ))}
            <option value={NOTHING}>nothing</option>
          </select>
        </label>
        <label>
          to{" "}
          <select
            value={to ?? "draft"}
            onChange={(event) => search({ to: event.target.value === "draft" ? DRAFT : Number(event.target.value) })}
          >
            <option value="draft">the draft</option>
            {versions.map((it) => (
              <option key={it.number} value={it.number}>
                v{it.number}
              </option>
            ))}
          </select>
        </label>
      </div>
      <DefinitionOf id={workflow.id} number={from} draft={now}>
        {(before) => (
          <DefinitionOf id={workflow.id} number={to} draft={now}>
            {(after) => <DifferenceView before={before} after={after} />}
          </DefinitionOf>
        )}
      </DefinitionOf>
    </>
  );
}

interface DefinitionProps {
  readonly id: number;
  readonly number: number | undefined;
  readonly draft: Definition;
  readonly children: (definition: Definition) => ReactNode;
}

function DefinitionOf({ id, number, draft, children }: DefinitionProps) {
  const stored = number !== DRAFT && number !== NOTHING;
  const version = useQuery({ ...versionQuery(id, number ?? NOTHING), enabled: stored });
  if (!stored) return children(number === NOTHING ? {} : draft);
  return <Loaded query={version}>{(found) => children(found.definition ?? {})}</Loaded>;
}
