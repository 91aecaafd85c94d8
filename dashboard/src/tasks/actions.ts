import { useQueryClient } from "@tanstack/react-query";
import { answer, hub } from "@/api/client";
import { useAction } from "@/ui/action";
import { putCard } from "./liveCards";
import type { Move, MoveKey } from "./moves";
import { taskQuery } from "./queries";
import type { Card, Task } from "./shapes";

interface Asked {
  readonly task: Card;
  readonly move: Move;
  /** What the person wrote where the move asks for something. */
  readonly text: string;
}

type Ask = (path: { task: string }, text: string, task: Card) => Promise<unknown>;

/** One line a move: the call that does it. */
const CALLS: Readonly<Record<MoveKey, Ask>> = {
  approve_plan: (path) => answer(hub.POST("/api/v1/tasks/{task}/plan/approve", { params: { path } })),
  revise_plan: (path, feedback) =>
    answer(hub.POST("/api/v1/tasks/{task}/plan/revise", { params: { path }, body: { feedback } })),
  approve_review: (path) => answer(hub.POST("/api/v1/tasks/{task}/review/approve", { params: { path } })),
  revise_review: (path, feedback) =>
    answer(hub.POST("/api/v1/tasks/{task}/review/revise", { params: { path }, body: { feedback } })),
  respond: (path, response) => respond(path.task, response),
  retry: (path) => answer(hub.POST("/api/v1/tasks/{task}/retry", { params: { path } })),
  assign: (path, server) =>
    answer(hub.POST("/api/v1/tasks/{task}/assign", { params: { path }, body: { server: server || null } as never })),
  start: (path) => answer(hub.POST("/api/v1/tasks/{task}/start", { params: { path } })),
  complete: (path, result) =>
    answer(hub.POST("/api/v1/tasks/{task}/complete", { params: { path }, body: { result: result || null } as never })),
  fail: (path, error) => answer(hub.POST("/api/v1/tasks/{task}/fail", { params: { path }, body: { error } })),
  cancel: (path, reason) =>
    answer(hub.DELETE("/api/v1/tasks/{task}", { params: { path, query: reason ? { reason } : {} } })),
};

async function respond(task: string, response: string): Promise<unknown> {
  const { interventions } = await answer(hub.GET("/api/v1/tasks/{task}", { params: { path: { task } } }));
  const open = interventions.find((it) => it.status === "pending");
  if (open === undefined) throw new Error("somebody has answered already");
  const path = { intervention: open.id };
  return answer(hub.POST("/api/v1/interventions/{intervention}/respond", { params: { path }, body: { response } }));
}

/** Do a move. The card stands in its new state at once, and goes back where the hub refuses. */
export function useMove() {
  const queries = useQueryClient();
  return useAction<Asked>({
    run: async ({ task, move, text }) => {
      putCard(queries, { ...task, status: move.to, reason: null });
      try {
        return await CALLS[move.key]({ task: task.id }, text, task);
      } catch (error) {
        putCard(queries, task);
        throw error;
      }
    },
    foresee: ({ task, move }) => [
      [taskQuery(task.id).queryKey, (before: Task) => ({ ...before, status: move.to, reason: null })],
    ],
    done: (_, { move, task }) => `${move.label}: “${shortened(task.title)}”`,
    touches: [["tasks", "one"], ["tasks", "counts"], ["inbox"]],
  });
}

function shortened(title: string): string {
  return title.length > 60 ? `${title.slice(0, 59)}…` : title;
}
