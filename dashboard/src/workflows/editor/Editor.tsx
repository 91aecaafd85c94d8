import { useQuery } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useMayWrite } from "@/login/queries";
import { edgesOf, nodesOf } from "../definition/definition";
import { placed } from "../definition/places";
import { manifestsQuery, runQuery } from "../queries";
import type { FoundProblem, WorkflowDetail } from "../shapes";
import { outputsOf } from "../trial";
import { Canvas } from "./Canvas";
import { EditorContext, type EditorScene, useEditor } from "./context";
import type { DraftStore } from "./draft";
import style from "./Editor.module.css";
import { NodePalette } from "./NodePalette";
import { ProblemsBar } from "./ProblemsBar";
import { SidePanel } from "./SidePanel";
import { Toolbar } from "./Toolbar";
import { useDraftState } from "./useDraft";
import { useEditorKeys } from "./useEditorKeys";

interface EditorProps {
  readonly workflow: WorkflowDetail;
  readonly draft: DraftStore;
  readonly problems: readonly FoundProblem[];
  /** What is selected as the address says it, and how to say it there. */
  readonly selection: string | undefined;
  readonly onSelection: (key: string | undefined) => void;
}

/** The editor: palette, canvas, details and problems around one draft. */
export default function Editor({ workflow, draft, problems, selection, onSelection }: EditorProps) {
  const definition = useDraftState(draft).history.now;
  const manifests = useQuery(manifestsQuery).data ?? NONE;
  const last = useQuery({ ...runQuery(workflow.last_run?.id ?? ""), enabled: workflow.last_run !== null }).data;
  const readOnly = !useMayWrite();
  const [chosen, setSelected] = useState<ReadonlySet<string>>(() => new Set(selection ? [selection] : []));
  const selected = useMemo(() => {
    const there = new Set([...nodesOf(definition), ...edgesOf(definition)].map((item) => item.key));
    return new Set([...chosen].filter((key) => there.has(key)));
  }, [chosen, definition]);
  const save = useCallback(() => draft.saved(), [draft]);
  const outputs = useMemo(() => outputsOf(last), [last]);
  const select = useCallback<EditorScene["select"]>(
    (change) => setSelected((before) => new Set(typeof change === "function" ? change(before) : change)),
    [],
  );
  const only = selected.size === 1 ? [...selected][0] : undefined;
  useEffect(() => {
    if (only !== selection) onSelection(only);
  }, [only, selection, onSelection]);
  const scene = useMemo(
    (): EditorScene => ({
      workflow,
      definition,
      edit: draft.edit,
      manifests,
      problems: placed(definition, problems),
      save,
      last,
      outputs,
      selected,
      select,
      readOnly,
    }),
    [workflow, definition, draft, manifests, problems, save, last, outputs, selected, select, readOnly],
  );
  return (
    <EditorContext value={scene}>
      <ReactFlowProvider>
        <Layout draft={draft} />
      </ReactFlowProvider>
    </EditorContext>
  );
}

const NONE: EditorScene["manifests"] = new Map();

function Layout({ draft }: { draft: DraftStore }) {
  const { selected, readOnly, select } = useEditor();
  const [sheet, setSheet] = useState<"palette" | "details" | null>(null);
  useEditorKeys(draft);
  const added = useCallback(() => setSheet(null), []);
  const closed = useCallback(() => {
    setSheet(null);
    select([]);
  }, [select]);
  return (
    <div className={style.editor} data-takes-keys data-writable={!readOnly || undefined}>
      {!readOnly && (
        <div className={sheet === "palette" ? `${style.palette} ${style.open}` : style.palette}>
          <NodePalette onAdded={added} />
        </div>
      )}
      <section className={style.canvas} aria-label="Canvas">
        <Canvas />
        <Toolbar
          draft={draft}
          onPalette={() => setSheet(sheet === "palette" ? null : "palette")}
          onDetails={() => setSheet("details")}
        />
      </section>
      <SidePanel open={sheet === "details" || selected.size > 0} onClose={closed} />
      <ProblemsBar />
    </div>
  );
}
