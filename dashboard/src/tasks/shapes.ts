import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type Task = Schemas["TaskView"];
export type Card = Schemas["Card"];
export type TaskStatus = Schemas["TaskStatus"];
export type Priority = Schemas["Priority"];
export type Dependency = Schemas["DependencyView"];
export type Note = Schemas["NoteView"];
export type Intervention = Schemas["InterventionView"];
export type ActivityEvent = Schemas["Event"];
export type Assignment = Schemas["Assignment"];
export type Explanation = Schemas["Explanation"];
export type Chunk = Schemas["Chunk"];

/** The states in the order in which work passes through them; the last three are ends. */
export const STATUSES = [
  "pending",
  "assigned",
  "planning",
  "plan_review",
  "running",
  "review",
  "needs_human",
  "done",
  "failed",
  "cancelled",
] as const satisfies readonly TaskStatus[];

export const ENDED: ReadonlySet<TaskStatus> = new Set(["done", "failed", "cancelled"]);

export const PRIORITIES = ["critical", "high", "normal", "low"] as const satisfies readonly Priority[];
