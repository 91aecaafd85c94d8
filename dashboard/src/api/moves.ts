// Made by docs/generate.py from hub/corral_hub/tasks/state.py; change that, then run `make docs`.

/* To which states a task can go from each: the hub's own table. */
type Status = "pending" | "assigned" | "planning" | "plan_review" | "running" | "review" | "needs_human" | "done" | "failed" | "cancelled";

export const LEADS: Readonly<Record<Status, readonly Status[]>> = {
  pending: ["assigned", "cancelled", "failed"],
  assigned: ["cancelled", "failed", "needs_human", "pending", "planning", "running"],
  planning: ["cancelled", "failed", "needs_human", "pending", "plan_review"],
  plan_review: ["cancelled", "planning", "running"],
  running: ["cancelled", "done", "failed", "needs_human", "pending", "review"],
  review: ["cancelled", "done", "running"],
  needs_human: ["cancelled", "running"],
  done: [],
  failed: ["pending"],
  cancelled: [],
};
