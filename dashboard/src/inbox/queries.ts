import { queryOptions } from "@tanstack/react-query";
import { answer, hub } from "@/api/client";
import { Problem, readProblem } from "@/api/problem";
import { bodyOf } from "./items";
import type { Action } from "./shapes";

export const inboxQuery = queryOptions({
  queryKey: ["inbox"],
  queryFn: ({ signal }) => answer(hub.GET("/api/v1/inbox", { params: { query: { limit: 100 } }, signal })),
  refetchInterval: 60_000, // lost hosts and old failures make no noise of their own
});

/** Do what an item offers: the hub says the request, people fill in what it needs. Throws Problem. */
export async function perform(action: Action, filled: Readonly<Record<string, string>>): Promise<void> {
  if (!action.path.startsWith("/api/v1/"))
    throw new Problem(0, "foreign_action", `${action.path} is not the hub's`, "");
  const body = bodyOf(action, filled);
  const response = await fetch(action.path, {
    method: action.method,
    credentials: "same-origin",
    ...(body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  });
  if (!response.ok) throw await readProblem(response);
}
