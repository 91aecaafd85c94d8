import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, hub } from "@/api/client";
import type { Definition } from "@/workflows/definition/definition";
import type { LetterSearch, RunFilter } from "./search";
import type { HistoryEntry, LogPiece, RunWhole } from "./shapes";
import { newer } from "./states";

const PAGE = 100;

export function runsQuery(filter: RunFilter) {
  return infiniteQueryOptions({
    queryKey: ["runs", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      answer(hub.GET("/api/v1/runs", { params: { query: { ...filter, limit: PAGE, cursor: pageParam } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** What runs ask of people. */
export const questionsQuery = queryOptions({
  queryKey: ["runs", "list", "questions"],
  queryFn: ({ signal }) => answer(hub.GET("/api/v1/runs/questions", { params: { query: { limit: 500 } }, signal })),
});

export function runQuery(run: string) {
  return queryOptions({
    queryKey: ["runs", "one", run, "run"],
    queryFn: ({ signal }) => answer(hub.GET("/api/v1/runs/{run}", { params: { path: { run } }, signal })),
    structuralSharing: (before, after) => newer(before as RunWhole | undefined, after as RunWhole),
  });
}

/** What a run is of, a version or a draft that it tries out; it never changes. */
export function definitionQuery(run: string) {
  return queryOptions({
    queryKey: ["run-definition", run],
    queryFn: async ({ signal }) => {
      const found = await answer(hub.GET("/api/v1/runs/{run}/definition", { params: { path: { run } }, signal }));
      return found.definition as Definition;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function edgesQuery(run: string) {
  return queryOptions({
    queryKey: ["runs", "one", run, "edges"],
    queryFn: async ({ signal }) =>
      (await answer(hub.GET("/api/v1/runs/{run}/edges", { params: { path: { run } }, signal }))).edges,
  });
}

export function childrenQuery(run: string) {
  return queryOptions({
    queryKey: ["runs", "list", "children", run],
    queryFn: async ({ signal }) =>
      (await answer(hub.GET("/api/v1/runs", { params: { query: { parent: run, limit: 200 } }, signal }))).runs,
  });
}

export function historyQuery(run: string) {
  return infiniteQueryOptions({
    queryKey: ["runs", "one", run, "history"],
    queryFn: ({ pageParam, signal }) =>
      answer(
        hub.GET("/api/v1/runs/{run}/history", {
          params: { path: { run }, query: { after: pageParam, limit: PAGE } },
          signal,
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => (page.events.length < PAGE ? undefined : page.next),
  });
}

const MOST_EVENTS = 10_000;

/** The history as far as a picture of it can be drawn. */
export function eventsQuery(run: string) {
  return queryOptions({
    queryKey: ["runs", "one", run, "events"],
    queryFn: async ({ signal }) => {
      const events: HistoryEntry[] = [];
      for (let after = 0; events.length < MOST_EVENTS; ) {
        const params = { path: { run }, query: { after, limit: 500 } };
        const page = await answer(hub.GET("/api/v1/runs/{run}/history", { params, signal }));
        events.push(...page.events);
        if (page.events.length < 500) return { events, whole: true };
        after = page.next;
      }
      return { events, whole: false };
    },
  });
}

const PIECES = 100;
const MOST_PIECES = 2_000;

/** What a node has logged so far. What it logs from now on is told on the live connection. */
export function logsQuery(run: string, key: string) {
  return queryOptions({
    queryKey: ["runs", "logs", run, key],
    queryFn: async ({ signal }) => {
      const pieces: LogPiece[] = [];
      for (let after = 0; pieces.length < MOST_PIECES; ) {
        const params = { path: { run, key }, query: { after, limit: PIECES } };
        const page = await answer(hub.GET("/api/v1/runs/{run}/nodes/{key}/logs", { params, signal }));
        pieces.push(...page.logs);
        if (page.logs.length < PIECES) return pieces;
        after = page.next;
      }
      return pieces;
    },
    staleTime: 0,
  });
}

// -- dead letters ------------------------------------------------------------------------

export function lettersQuery({ workflow, node_type }: LetterSearch) {
  return infiniteQueryOptions({
    queryKey: ["letters", "list", workflow, node_type],
    queryFn: ({ pageParam, signal }) => {
      const query = { workflow: workflow ?? null, node_type: node_type ?? null, after: pageParam, limit: PAGE };
      return answer(hub.GET("/api/v1/dead-letters", { params: { query }, signal }));
    },
    initialPageParam: 0,
    getNextPageParam: (page) => (page.dead_letters.length < PAGE ? undefined : page.next),
  });
}

export const letterCountsQuery = queryOptions({
  queryKey: ["letters", "counts"],
  queryFn: ({ signal }) => answer(hub.GET("/api/v1/dead-letters/stats", { signal })),
});

/** The one that has waited the longest, of all. */
export const oldestLetterQuery = queryOptions({
  queryKey: ["letters", "oldest"],
  queryFn: async ({ signal }) => {
    const page = await answer(hub.GET("/api/v1/dead-letters", { params: { query: { limit: 1 } }, signal }));
    return page.dead_letters[0] ?? null;
  },
});

export function letterQuery(letter: number) {
  return queryOptions({
    queryKey: ["letters", "one", letter],
    queryFn: ({ signal }) => answer(hub.GET("/api/v1/dead-letters/{letter}", { params: { path: { letter } }, signal })),
  });
}
