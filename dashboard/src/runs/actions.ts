import { answer, hub } from "@/api/client";
import { useAction } from "@/ui/action";
import { runQuery } from "./queries";
import type { RunWhole } from "./shapes";

type Steer = "cancel" | "pause" | "resume";
const DONE = { cancel: "The run was cancelled", pause: "The run is paused", resume: "The run goes on" } as const;

/** Stop, pause or continue a run. */
export function useSteer(run: string) {
  const path = { run };
  return useAction<{ how: Steer; reason?: string }>({
    run: ({ how, reason = "" }) => {
      if (how === "cancel") return hub.POST("/api/v1/runs/{run}/cancel", { params: { path }, body: { reason } });
      return how === "pause"
        ? hub.POST("/api/v1/runs/{run}/pause", { params: { path } })
        : hub.POST("/api/v1/runs/{run}/resume", { params: { path } });
    },
    touches: [["runs"], ["inbox"]],
    done: (_, { how }) => DONE[how],
  });
}

/** Run again: from what failed, or from a node; what stands before it keeps its outputs. */
export function useRetry(run: string, onBegun: (id: string) => void) {
  return useAction<{ from: string | null }, RunWhole>({
    run: ({ from }) =>
      answer(hub.POST("/api/v1/runs/{run}/retry", { params: { path: { run } }, body: { from_node: from } })),
    touches: [["runs", "list"]],
    onDone: (begun) => onBegun(begun.id),
  });
}

/** Give a person's word to a node that asks for it. */
export function useAnswer(run: string, key: string) {
  return useAction<{ approved: boolean; comment: string }>({
    run: (body) => hub.POST("/api/v1/runs/{run}/nodes/{key}/answer", { params: { path: { run, key } }, body }),
    touches: [runQuery(run).queryKey, ["runs", "list"], ["inbox"]],
    done: (_, { approved }) => (approved ? `${key} was approved` : `${key} was refused`),
  });
}

/** Try a dead letter again: asking twice gives the same run. */
export function useReplay(onBegun: (id: string) => void) {
  return useAction<number, RunWhole>({
    run: (letter) => answer(hub.POST("/api/v1/dead-letters/{letter}/replay", { params: { path: { letter } } })),
    touches: [["letters"], ["runs", "list"], ["inbox"]],
    onDone: (begun) => onBegun(begun.id),
  });
}

export function useRemoveLetter(onGone: () => void) {
  return useAction<number>({
    run: (letter) => hub.DELETE("/api/v1/dead-letters/{letter}", { params: { path: { letter } } }),
    touches: [["letters"], ["inbox"]],
    done: "The dead letter was removed",
    onDone: onGone,
  });
}

export interface Purge {
  readonly workflow: number | null;
  readonly node_type: string | null;
  readonly older_than_hours: number | null;
}

export function usePurge(onDone: (answer: { removed: number }) => void) {
  return useAction<Purge, { removed: number }>({
    run: (which) => {
      const all = Object.values(which).every((it) => it === null);
      return answer(hub.POST("/api/v1/dead-letters/purge", { body: { ...which, all } }));
    },
    touches: [["letters"], ["inbox"]],
    done: ({ removed }) => (removed === 1 ? "1 dead letter was removed" : `${removed} dead letters were removed`),
    onDone,
  });
}
