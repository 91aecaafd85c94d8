import type { QueryKey } from "@tanstack/react-query";
import type { Message } from "./connection";

/**
 * Which queries a message makes old. One line a message: a fact is a whole value or a word that something changed, never
 * a delta, so reading again is always right. Keys begin with their noun: ["tasks", "one", id, …], ["tasks", "list", …].
 */
export const INTEREST: Readonly<Record<string, (message: Message) => readonly QueryKey[]>> = {
  task_event: (it) => [["tasks", "one", it.task_id], ["tasks", "counts"], ["tasks", "graph"], ["inbox"]],
  task_output: (it) => [["tasks", "output", it.task_id]],
  session_event: (it) => [
    ["sessions", "one", it.session_id],
    ["sessions", "list"],
  ],
  server_event: (it) => [["servers", "one", it.server_id], ["servers", "list"], ["inbox"]],
  run_event: (it) => [["runs", "one", it.run_id], ["runs", "list"], ["inbox"]],
  workflow_event: (it) => [
    ["workflows", "one", it.workflow_id],
    ["workflows", "list"],
  ],
  letter_event: () => [["letters"], ["inbox"]],
};
