import { spaced } from "@/ui/tones";
import type { NodeView } from "./shapes";

/** Why a node is where it is, in words; empty where its status says it all. */
export function reasonOf(node: NodeView): string {
  if (node.error) return `${spaced(node.error.kind)}: ${node.error.message}`;
  if (node.why) return spaced(node.why);
  const wish = node.wish as { type?: unknown } | null | undefined;
  return node.status === "waiting" && typeof wish?.type === "string" ? (WAITS[wish.type] ?? spaced(wish.type)) : "";
}

/** Who began a run, as people say it: `user:ada@example.org` is ada@example.org. */
export function whoIs(label: string): string {
  return label.replace(/^user:/, "");
}

/** Nodes in the order in which they came to their turn; those whose turn has not come stand last, as they were. */
export function byTurn(nodes: readonly NodeView[]): readonly NodeView[] {
  const turn = (node: NodeView) => Date.parse(node.begun_at ?? (node.status === "pending" ? "" : node.since));
  const last = (at: number) => (Number.isNaN(at) ? Number.POSITIVE_INFINITY : at);
  return nodes.toSorted((a, b) => {
    const [one, other] = [last(turn(a)), last(turn(b))];
    return one === other ? 0 : one - other;
  });
}

const WAITS: Readonly<Record<string, string>> = {
  sleep: "until its time comes",
  approve: "for a person's word",
  call_workflow: "for another workflow",
  create_task: "for a task",
  respond: "for the answer to be sent",
};
