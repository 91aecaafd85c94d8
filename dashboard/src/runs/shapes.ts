import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export type RunBrief = Schemas["RunBrief"];
export type RunWhole = Schemas["RunWhole"];
export type NodeView = Schemas["NodeView"];
export type RunStep = Schemas["RunStep"];
export type HistoryEntry = Schemas["HistoryEntry"];
export type LogPiece = Schemas["LogLines"];
export type LetterBrief = Schemas["LetterBrief"];
export type LetterWhole = Schemas["LetterWhole"];

export const RUN_STATUSES = ["pending", "running", "paused", "completed", "failed", "cancelled"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Whether nothing more happens to a run. */
export function isOver(run: { readonly status: string }): boolean {
  return run.status === "completed" || run.status === "failed" || run.status === "cancelled";
}

/** What a node asks of a person; null where it asks nothing. */
export function questionOf(node: NodeView): { readonly question: string; readonly details: unknown } | null {
  const wish = node.wish as { type?: unknown; question?: unknown; details?: unknown } | null | undefined;
  if (node.status !== "waiting" || wish?.type !== "approve") return null;
  return { question: typeof wish.question === "string" ? wish.question : "", details: wish.details ?? null };
}

/** The node of the graph that a key belongs to: `build[3]` is an item of `build`. */
export function baseOf(key: string): string {
  const at = key.indexOf("[");
  return at === -1 ? key : key.slice(0, at);
}
