import { LEADS } from "@/api/moves";
import type { TaskStatus } from "./shapes";

/** What a person can do with a task: in which states, where it leads, and what they are asked for first. */
export interface Move {
  readonly key: MoveKey;
  readonly label: string;
  readonly from: readonly TaskStatus[];
  readonly to: TaskStatus;
  readonly asks?: "feedback" | "answer" | "server" | "reason" | "result" | "error";
  readonly kind?: "primary" | "danger";
}

export type MoveKey =
  | "approve_plan"
  | "revise_plan"
  | "approve_review"
  | "revise_review"
  | "respond"
  | "retry"
  | "assign"
  | "start"
  | "complete"
  | "fail"
  | "cancel";

const LIVE: readonly TaskStatus[] = [
  "pending",
  "assigned",
  "planning",
  "plan_review",
  "running",
  "review",
  "needs_human",
];

export const MOVES: readonly Move[] = [
  { key: "approve_plan", label: "Approve plan", from: ["plan_review"], to: "running", kind: "primary" },
  { key: "revise_plan", label: "Send plan back", from: ["plan_review"], to: "planning", asks: "feedback" },
  { key: "approve_review", label: "Approve result", from: ["review"], to: "done", kind: "primary" },
  { key: "revise_review", label: "Send result back", from: ["review"], to: "running", asks: "feedback" },
  { key: "respond", label: "Answer", from: ["needs_human"], to: "running", asks: "answer", kind: "primary" },
  { key: "retry", label: "Try again", from: ["failed"], to: "pending", kind: "primary" },
  { key: "assign", label: "Assign", from: ["pending"], to: "assigned", asks: "server" },
  { key: "start", label: "Start", from: ["assigned"], to: "running" },
  { key: "complete", label: "Complete", from: ["running"], to: "done", asks: "result" },
  { key: "fail", label: "Report failure", from: ["running"], to: "failed", asks: "error" },
  { key: "cancel", label: "Cancel", from: LIVE, to: "cancelled", asks: "reason", kind: "danger" },
];

/** A machine starts, completes and fails what it was given itself; by hand people do. */
const BY_HAND: ReadonlySet<MoveKey> = new Set(["start", "complete", "fail"]);

/** What can be done with a task in this state. `byHand`: no machine works on it. */
export function movesFrom(status: TaskStatus, byHand: boolean): readonly Move[] {
  return MOVES.filter((move) => move.from.includes(status) && (byHand || !BY_HAND.has(move.key)));
}

/** The move that brings a task from one state to another, if there is one. */
export function moveBetween(from: TaskStatus, to: TaskStatus, byHand: boolean): Move | undefined {
  return movesFrom(from, byHand).find((move) => move.to === to);
}

/** Whether the hub's own table lets a task go from one state to another at all. */
export function isLegal(from: TaskStatus, to: TaskStatus): boolean {
  return LEADS[from].includes(to);
}
