import { useSyncExternalStore } from "react";
import type { DraftState, DraftStore } from "./draft";

export function useDraftState(draft: DraftStore): DraftState {
  return useSyncExternalStore(draft.watch, draft.snapshot);
}
