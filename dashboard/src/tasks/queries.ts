import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, hub } from "@/api/client";
import type { CardFilter } from "./cards";

const PAGE = 100;

/** The filter as the hub's query has it; lists of one for what may be several. */
function asked({ status, priority, ...others }: CardFilter) {
  return { ...others, ...(status && { status: [status] }), ...(priority && { priority: [priority] }) };
}

export function cardsQuery(filter: CardFilter) {
  return infiniteQueryOptions({
    queryKey: ["tasks", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      answer(
        hub.GET("/api/v1/tasks/cards", {
          params: { query: { ...asked(filter), limit: PAGE, cursor: pageParam ?? null } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function countsQuery(filter: CardFilter) {
  return queryOptions({
    queryKey: ["tasks", "counts", filter],
    queryFn: ({ signal }) => answer(hub.GET("/api/v1/tasks/counts", { params: { query: asked(filter) }, signal })),
  });
}

export function taskQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "one", id, "task"],
    queryFn: ({ signal }) => answer(hub.GET("/api/v1/tasks/{task}", { params: { path: { task: id } }, signal })),
  });
}

export function explainQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "one", id, "explain"],
    queryFn: ({ signal }) =>
      answer(hub.GET("/api/v1/tasks/{task}/explain", { params: { path: { task: id } }, signal })),
  });
}

export function notesQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "one", id, "notes"],
    queryFn: ({ signal }) => answer(hub.GET("/api/v1/tasks/{task}/notes", { params: { path: { task: id } }, signal })),
  });
}

export function activityQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "one", id, "activity"],
    queryFn: ({ signal }) =>
      answer(
        hub.GET("/api/v1/tasks/{task}/activity", { params: { path: { task: id }, query: { limit: 500 } }, signal }),
      ),
  });
}

export function assignmentsQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "one", id, "assignments"],
    queryFn: ({ signal }) =>
      answer(hub.GET("/api/v1/tasks/{task}/assignments", { params: { path: { task: id } }, signal })),
  });
}

export function contractsQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "one", id, "contracts"],
    queryFn: ({ signal }) =>
      answer(hub.GET("/api/v1/tasks/{task}/contracts", { params: { path: { task: id } }, signal })),
  });
}

export function impactQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "one", id, "impact"],
    queryFn: ({ signal }) =>
      answer(hub.GET("/api/v1/tasks/{task}/contracts/impact", { params: { path: { task: id } }, signal })),
  });
}

export function outputQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: ["tasks", "output", id],
    queryFn: ({ pageParam, signal }) =>
      answer(
        hub.GET("/api/v1/tasks/{task}/output", { params: { path: { task: id }, query: { after: pageParam } }, signal }),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => (page.more ? page.next : undefined),
  });
}

export function graphQuery(filter: CardFilter) {
  return queryOptions({
    queryKey: ["tasks", "graph", filter],
    queryFn: ({ signal }) => answer(hub.GET("/api/v1/tasks/graph", { params: { query: asked(filter) }, signal })),
  });
}
