import type { components } from "@/api/schema";

export type Item = components["schemas"]["Item"];
export type Kind = Item["kind"];
export type Action = Item["actions"][number];
export type Inbox = components["schemas"]["Inbox"];

/** The kinds in the order in which they are offered, and what they are called. */
export const KINDS = [
  ["plan_review", "Plans"],
  ["intervention", "Questions"],
  ["approval", "Approvals"],
  ["review", "Results"],
  ["needs_human", "Stuck"],
  ["failed", "Failed"],
  ["dead_letter", "Dead letters"],
  ["host_lost", "Hosts lost"],
] as const satisfies readonly (readonly [Kind, string])[];

/** What an item is about, as a sentence's beginning. */
export const SAYS: Readonly<Record<Kind, string>> = {
  plan_review: "A plan waits for your approval",
  intervention: "An agent asks",
  approval: "A workflow waits for your word",
  review: "A result waits for your review",
  needs_human: "A task stands still",
  failed: "A task failed",
  dead_letter: "A node failed for good",
  host_lost: "A machine was lost",
};
