import { createContext, use } from "react";
import type { NodeView } from "./shapes";

/** What the cards of a run's picture show: they are laid out once, and only this changes. */
export interface RunScene {
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly chosen: string | null;
}

export const RunContext = createContext<RunScene>({ nodes: new Map(), chosen: null });

export function useRunScene(): RunScene {
  return use(RunContext);
}
