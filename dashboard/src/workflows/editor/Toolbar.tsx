import { useReactFlow } from "@xyflow/react";
import { LayoutDashboard, PanelRight, Plus, Redo2, Undo2 } from "lucide-react";
import { Button } from "@/ui/Button";
import { move } from "../definition/definition";
import { useEditor } from "./context";
import type { DraftStore } from "./draft";
import style from "./Editor.module.css";
import { arranged } from "./layout";
import { FIT } from "./useAdding";
import { useDraftState } from "./useDraft";

interface ToolbarProps {
  readonly draft: DraftStore;
  readonly onPalette: () => void;
  readonly onDetails: () => void;
}

/** What can be done with the whole graph. */
export function Toolbar({ draft, onPalette, onDetails }: ToolbarProps) {
  const { edit, readOnly } = useEditor();
  const { history } = useDraftState(draft);
  const flow = useReactFlow();
  function arrange() {
    edit((definition) => move(definition, arranged(definition)));
    requestAnimationFrame(() => void flow.fitView(FIT));
  }
  return (
    <div className={style.toolbar} role="toolbar" aria-label="Canvas">
      {!readOnly && (
        <>
          <Button className={style.narrow} small icon={Plus} onClick={onPalette}>
            Node
          </Button>
          <Button
            small
            icon={Undo2}
            aria-label="Undo"
            title="Undo (Ctrl-Z)"
            disabled={history.past.length === 0}
            onClick={draft.undo}
          />
          <Button
            small
            icon={Redo2}
            aria-label="Redo"
            title="Redo (Ctrl-Shift-Z)"
            disabled={history.future.length === 0}
            onClick={draft.redo}
          />
          <Button small icon={LayoutDashboard} title="Lay the nodes out from left to right" onClick={arrange}>
            Arrange
          </Button>
        </>
      )}
      <Button className={style.narrow} small icon={PanelRight} onClick={onDetails}>
        Workflow
      </Button>
    </div>
  );
}
