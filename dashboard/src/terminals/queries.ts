import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, hub } from "@/api/client";
import type { components } from "@/api/schema";
import type { Filters } from "./filters";

export type Session = components["schemas"]["SessionView"];
export type Attention = components["schemas"]["AttentionView"];
export type TypedInput = components["schemas"]["TypedInput"];
export type StartBody = components["schemas"]["StartBody"];

const PAGE = 100;
const LIVE = ["running", "starting"] as const;

/** What the hub can be asked for; the rest of the filters is looked for in what it answers. */
export interface Asked {
  readonly status: Filters["status"];
  readonly server?: string | undefined;
  readonly project_id?: string | undefined;
}

interface Pages {
  readonly sessions: readonly Session[];
  /** Where to go on for each status that was asked for; one that is not here has no more. */
  readonly cursors: Readonly<Record<string, string>>;
}

const EVERY = "every";

export function sessionsQuery(asked: Asked) {
  const first: Readonly<Record<string, string>> = Object.fromEntries(statusesOf(asked).map((status) => [status, ""]));
  return infiniteQueryOptions({
    queryKey: ["sessions", "list", asked],
    queryFn: ({ pageParam }) => readPage(asked, pageParam),
    initialPageParam: first,
    getNextPageParam: (last: Pages) => (Object.keys(last.cursors).length > 0 ? last.cursors : undefined),
  });
}

function statusesOf(asked: Asked): readonly string[] {
  return asked.status === "live" ? LIVE : asked.status === "all" ? [EVERY] : ["closed", "lost", "failed"];
}

async function readPage(asked: Asked, cursors: Readonly<Record<string, string>>): Promise<Pages> {
  const { server, project_id } = asked;
  const found = await Promise.all(
    Object.entries(cursors).map(async ([status, cursor]) => {
      const query = {
        limit: PAGE,
        ...(status === EVERY ? {} : { status: status as Session["status"] }),
        ...(server ? { server } : {}),
        ...(project_id ? { project_id } : {}),
        ...(cursor ? { cursor } : {}),
      };
      return [status, await answer(hub.GET("/api/v1/sessions", { params: { query } }))] as const;
    }),
  );
  const more = found.flatMap(([status, page]) => (page.next_cursor ? [[status, page.next_cursor] as const] : []));
  return { sessions: found.flatMap(([, page]) => page.sessions), cursors: Object.fromEntries(more) };
}

const path = (session: string) => ({ params: { path: { session } } });

export function sessionQuery(session: string) {
  return queryOptions({
    queryKey: ["sessions", "one", session],
    queryFn: () => answer(hub.GET("/api/v1/sessions/{session}", path(session))),
  });
}

export function activityQuery(session: string) {
  return queryOptions({
    queryKey: ["sessions", "one", session, "activity"],
    queryFn: async () => (await answer(hub.GET("/api/v1/sessions/{session}/activity", path(session)))).events,
  });
}

const INPUTS = 500;
const MOST_INPUTS = 10_000;

/** Who typed when, from the beginning. */
export function inputsQuery(session: string) {
  return queryOptions({
    queryKey: ["sessions", "inputs", session],
    queryFn: async ({ signal }) => {
      const found: TypedInput[] = [];
      for (let after = 0; found.length < MOST_INPUTS; ) {
        const params = { path: { session }, query: { after, limit: INPUTS } };
        const page = await answer(hub.GET("/api/v1/sessions/{session}/inputs", { params, signal }));
        found.push(...page.inputs);
        if (page.inputs.length < INPUTS) break;
        after = page.next;
      }
      return found;
    },
  });
}

// -- what a person does ---------------------------------------------------------------

export function start(body: StartBody) {
  return answer(hub.POST("/api/v1/sessions", { body }));
}

export function close(session: string) {
  return answer(hub.POST("/api/v1/sessions/{session}/close", { ...path(session), body: { grace: 10 } }));
}

export function kill(session: string) {
  return answer(hub.POST("/api/v1/sessions/{session}/kill", path(session)));
}

export function forget(session: string) {
  return answer(hub.DELETE("/api/v1/sessions/{session}", path(session)));
}
