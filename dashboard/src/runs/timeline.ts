import { baseOf, type HistoryEntry, type NodeView } from "./shapes";

/** One attempt of a node, or the time that it waited for something. Times in milliseconds. */
export interface Bar {
  readonly attempt: number;
  readonly how: string;
  readonly begun: number;
  readonly end: number;
  readonly open: boolean;
  /** It waited for something, and no machine was busy with it. */
  readonly waited: boolean;
}

export interface Row {
  readonly key: string;
  readonly status: string;
  readonly bars: readonly Bar[];
}

export interface Timeline {
  readonly rows: readonly Row[];
  readonly from: number;
  readonly to: number;
}

const BEGINS: Readonly<Record<string, string>> = { node_started: "running", node_waiting: "waiting" };
const ENDS: Readonly<Record<string, string>> = {
  node_completed: "completed",
  node_failed: "failed",
  node_lost: "lost",
};

interface Span {
  readonly begun: string;
  readonly finished: string | null;
}

/**
 * What a run did when: a row per node in the order in which they began, a bar per attempt; what never began on a machine
 * (a trigger, something pinned or skipped) has a moment. `now`: where bars end that have not ended.
 */
export function timeline(
  nodes: readonly NodeView[],
  events: readonly HistoryEntry[],
  run: Span,
  now: number,
): Timeline {
  const from = Date.parse(run.begun);
  const until = run.finished === null ? now : Date.parse(run.finished);
  const byKey = new Map<string, HistoryEntry[]>();
  for (const event of events) {
    if (event.key === null) continue;
    const known = byKey.get(event.key);
    if (known) known.push(event);
    else byKey.set(event.key, [event]);
  }
  const rows = nodes.map((node): Row => {
    const bars = barsOf(byKey.get(node.key) ?? [], node, Math.max(from, until));
    return { key: node.key, status: node.status, bars: bars.length > 0 ? bars : [moment(node, from)] };
  });
  const sorted = ordered(rows, from);
  const to = Math.max(from + 1, until, ...sorted.flatMap((row) => row.bars.map((bar) => bar.end)));
  return { rows: sorted, from, to };
}

/** Rows in the order in which they began; items stand beneath their node. */
function ordered(rows: readonly Row[], from: number): readonly Row[] {
  const begun = (row: Row) => row.bars[0]?.begun ?? from;
  const first = new Map<string, number>();
  for (const row of rows) {
    const base = baseOf(row.key);
    first.set(base, Math.min(first.get(base) ?? Number.POSITIVE_INFINITY, begun(row)));
  }
  const place = (row: Row) => first.get(baseOf(row.key)) ?? 0;
  return rows.toSorted(
    (a, b) =>
      place(a) - place(b) || compare(baseOf(a.key), baseOf(b.key)) || begun(a) - begun(b) || compare(a.key, b.key),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function barsOf(events: readonly HistoryEntry[], node: NodeView, until: number): readonly Bar[] {
  const bars: Bar[] = [];
  let open: { how: string; begun: number; attempt: number } | null = null;
  for (const event of events) {
    const at = Date.parse(event.at);
    const begins = BEGINS[event.type];
    const ends = ENDS[event.type];
    if (begins === undefined && ends === undefined) continue;
    if (open) {
      const how: string = ends ?? (open.how === "running" ? "completed" : open.how);
      bars.push({
        attempt: open.attempt,
        how,
        begun: open.begun,
        end: at,
        open: false,
        waited: open.how === "waiting",
      });
    }
    open = begins === undefined ? null : { how: begins, begun: at, attempt: attemptOf(event) };
  }
  if (open === null) return bars;
  const ended = ENDED.has(node.status);
  const end = ended ? Math.max(open.begun, Date.parse(node.since)) : Math.max(open.begun, until);
  const how = ended ? node.status : open.how;
  const waited = open.how === "waiting";
  return [...bars, { attempt: open.attempt, how, begun: open.begun, end, open: !ended, waited }];
}

const ENDED = new Set(["completed", "failed", "cached", "cancelled", "skipped"]);

function moment(node: NodeView, from: number): Bar {
  const at = Math.max(from, Date.parse(node.since) || from);
  return { attempt: node.attempt, how: node.status, begun: at, end: at, open: false, waited: false };
}

function attemptOf(event: HistoryEntry): number {
  const attempt: unknown = (event.fact as Readonly<Record<string, unknown>>).attempt;
  return typeof attempt === "number" ? attempt : 0;
}

/** Where a bar stands between the beginning and the end, in percent. */
export function placed(bar: Bar, { from, to }: Timeline): { readonly left: number; readonly width: number } {
  const length = to - from;
  return { left: ((bar.begun - from) / length) * 100, width: ((bar.end - bar.begun) / length) * 100 };
}
