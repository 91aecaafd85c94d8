import { useEffect, useEffectEvent, useState } from "react";
import { copied, pasted } from "../definition/clip";
import { useEditor } from "./context";
import type { DraftStore } from "./draft";

/** The keys of the editor: undo, redo, save, copy, cut and paste. Text fields keep their own. */
export function useEditorKeys(draft: DraftStore): void {
  const { definition, selected, select, edit, readOnly } = useEditor();
  const [kept, keep] = useState("");
  function copy() {
    const text = copied(definition, selected);
    keep(text);
    void navigator.clipboard?.writeText(text).catch(() => {}); // without the right to it, our own copy is enough
  }
  async function paste() {
    const text = await navigator.clipboard?.readText().catch(() => kept);
    const made = pasted(definition, text ?? "") ?? pasted(definition, kept);
    if (made === null) return;
    edit(() => made.definition);
    select(made.keys);
  }
  const hear = useEffectEvent((event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "s") {
      event.preventDefault();
      void draft.flush().catch(() => {}); // why not stands beside the title
      return;
    }
    if (readOnly || isText(event.target)) return;
    if (key === "z") event.shiftKey ? draft.redo() : draft.undo();
    else if (key === "y") draft.redo();
    else if (key === "c" && selected.size > 0 && !hasTextSelection()) copy();
    else if (key === "v") void paste();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    // On the window: what had the focus may just have been removed from the canvas.
    const onKey = (event: KeyboardEvent) => hear(event);
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, dialog") !== null;
}

function hasTextSelection(): boolean {
  return (window.getSelection()?.toString() ?? "") !== "";
}
