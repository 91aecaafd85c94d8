import type { QueryKey } from "@tanstack/react-query";
import type { ToViewer } from "@/api/messages";

type Told<Type extends ToViewer["type"]> = Extract<ToViewer, { type: Type }>;
type Interest = { readonly [Type in ToViewer["type"]]?: (it: Told<Type>) => readonly QueryKey[] };

/**
 * Which queries a message makes old. One line a message: a fact is a whole value or a word that something changed, never
 * a delta, so reading again is always right. Keys begin with their noun: ["tasks", "one", id, …], ["tasks", "list", …].
 */
const INTEREST: Interest = {
  task_event: (it) => [["tasks", "one", it.task_id], ["tasks", "counts"], ["tasks", "graph"], ["inbox"]],
  task_output: (it) => [["tasks", "output", it.task_id]],
  session_event: (it) => [
    ["sessions", "one", it.session_id],
    ["sessions", "list"],
  ],
  server_event: (it) => [["servers", "one", it.server_id], ["servers", "list"], ["inbox"]],
  token_event: () => [["servers", "tokens"]],
  run_event: (it) => [["runs", "one", it.run_id], ["runs", "list"], ["workflows", "list"], ["inbox"]],
  run_nodes: (it) => [["runs", "one", it.run_id]],
  workflow_event: (it) => [
    ["workflows", "one", String(it.workflow_id)],
    ["workflows", "list"],
  ],
  dead_letter_event: () => [["letters"], ["inbox"]],
};

/** The queries that `message` makes old. */
export function madeOld(message: { readonly type: string }): readonly QueryKey[] {
  const tell = INTEREST[message.type as ToViewer["type"]] as ((it: unknown) => readonly QueryKey[]) | undefined;
  return tell?.(message) ?? [];
}
