import type { Session } from "./queries";

/** What is looked at, as it stands in the address: only what differs from the ordinary. */
export interface Search {
  readonly status?: "ended" | "all";
  readonly server?: string;
  readonly project?: string;
  readonly attention?: Doing;
  readonly view?: "list";
}

export interface Filters {
  readonly status: "live" | "ended" | "all";
  readonly server?: string | undefined;
  readonly project?: string | undefined;
  readonly attention?: Doing | undefined;
  readonly view: "grid" | "list";
}

export const DOING = ["waits_for_input", "working", "idle", "finished", "dead"] as const;
export type Doing = (typeof DOING)[number];

const one = <T extends string>(value: unknown, ...of: readonly T[]): T | undefined => of.find((it) => it === value);
const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** What an address asks for; what it says that makes no sense is passed over. */
export function readSearch(search: Readonly<Record<string, unknown>>): Search {
  return searchFor({
    status: one(search.status, "live", "ended", "all") ?? "live",
    server: text(search.server),
    project: text(search.project),
    attention: one(search.attention, ...DOING),
    view: one(search.view, "grid", "list") ?? "grid",
  });
}

export function searchFor({ status, server, project, attention, view }: Filters): Search {
  return {
    ...(status !== "live" && { status }),
    ...(server !== undefined && { server }),
    ...(project !== undefined && { project }),
    ...(attention !== undefined && { attention }),
    ...(view !== "grid" && { view }),
  };
}

export function filtersOf(search: Search): Filters {
  return { status: "live", view: "grid", ...search };
}

const URGENCY: Readonly<Record<string, number>> = { waits_for_input: 0, dead: 1, working: 2, idle: 3, finished: 4 };
const OTHERWISE = 2.5;

/** What a session is doing: by its attention, or by its status where that is all that is known. */
export function doing(session: Session): string {
  return isOver(session) ? session.status : (session.attention?.attention ?? session.status);
}

export function isOver(session: Session): boolean {
  return session.status !== "running" && session.status !== "starting";
}

/** Those that wait for somebody first, the longest wait at the top; then the others, the newest news first. */
export function arranged(sessions: readonly Session[], wanted: Doing | undefined): readonly Session[] {
  const urgency = (it: Session) => (isOver(it) ? 5 : (URGENCY[it.attention?.attention ?? ""] ?? OTHERWISE));
  const unique = [...new Map(sessions.map((it) => [it.id, it])).values()];
  return unique
    .filter((it) => wanted === undefined || it.attention?.attention === wanted)
    .sort((a, b) => {
      const waits = urgency(a) === 0 && urgency(b) === 0;
      const [first, second] = waits ? [a, b] : [b, a];
      return urgency(a) - urgency(b) || since(first) - since(second) || a.name.localeCompare(b.name);
    });
}

function since(session: Session): number {
  return session.attention?.since ?? Date.parse(session.created_at) / 1_000;
}

/** Unix time as the text that times are shown from. */
export function stampOf(seconds: number | undefined): string | null {
  return seconds === undefined || !Number.isFinite(seconds) ? null : new Date(seconds * 1_000).toISOString();
}
