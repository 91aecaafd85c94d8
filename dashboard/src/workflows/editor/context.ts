import { createContext, use } from "react";
import type { Definition } from "../definition/definition";
import type { Json } from "../definition/json";
import type { PlacedProblem } from "../definition/places";
import type { Manifest, RunDetail, WorkflowDetail } from "../shapes";

/** What every part of the editor needs: the draft, how to change it, and what is known about it. */
export interface EditorScene {
  readonly workflow: WorkflowDetail;
  readonly definition: Definition;
  /** Change the draft. Edits of the same `kind` that follow each other are undone together. */
  readonly edit: (change: (definition: Definition) => Definition, kind?: string | null) => void;
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly problems: readonly PlacedProblem[];
  /** Save what is on the screen; the hub's name for that state. Throws where it could not be saved. */
  readonly save: () => Promise<string>;
  /** The run that began last, and what nodes have put out in it. */
  readonly last: RunDetail | undefined;
  readonly outputs: ReadonlyMap<string, Json>;
  readonly selected: ReadonlySet<string>;
  readonly select: (change: Iterable<string> | ((before: ReadonlySet<string>) => Iterable<string>)) => void;
  readonly readOnly: boolean;
}

export const EditorContext = createContext<EditorScene | null>(null);

export function useEditor(): EditorScene {
  const scene = use(EditorContext);
  if (scene === null) throw new Error("no editor around this part");
  return scene;
}
