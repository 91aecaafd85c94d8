import { spaced } from "@/ui/tones";
import type { NodeView } from "./shapes";

/** Why a node is where it is, in words; empty where its status says it all. */
export function reasonOf(node: NodeView): string {
  if (node.error) return `${spaced(node.error.kind)}: ${node.error.message}`;
  if (node.why) return spaced(node.why);
  const wish = node.wish as { type?: unknown } | null | undefined;
  return node.status === "waiting" && typeof wish?.type === "string" ? (WAITS[wish.type] ?? spaced(wish.type)) : "";
}

const WAITS: Readonly<Record<string, string>> = {
  sleep: "until its time comes",
  approve: "for a person's word",
  call_workflow: "for another workflow",
  create_task: "for a task",
  respond: "for the answer to be sent",
};
