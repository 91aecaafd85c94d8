import { STATUSES, type TaskStatus } from "./shapes";

/** Pixels: the least that a column takes, what stands between two, and the list of those that are not open. */
export const COLUMN = 190;
export const GAP = 10;
export const LIST = 150;
/** Below this width of the board the list stands above the columns, and takes nothing of their width. */
export const NARROW = 560;

/** Who is opened first where there is no room for all: what waits for people, what moves, what is over. */
const FIRST: readonly TaskStatus[] = [
  "needs_human",
  "plan_review",
  "review",
  "running",
  "failed",
  "planning",
  "assigned",
  "pending",
  "done",
  "cancelled",
];

type Counts = Readonly<Partial<Record<TaskStatus, number>>>;

/**
 * The columns that stand open in a board of this width, in the order of the states: what a person has `chosen` (the
 * newest choice first), then those that hold work, then those that did (`held`): nothing closes only because a task has
 * moved on. The others are in a list, with their counts.
 */
export function openColumns(
  counts: Counts,
  width: number,
  chosen: readonly TaskStatus[],
  held: readonly TaskStatus[],
): readonly TaskStatus[] {
  const working = FIRST.filter((it) => (counts[it] ?? 0) > 0);
  const wanted = [...new Set([...chosen, ...working, ...held])];
  return STATUSES.filter((it) => wanted.slice(0, roomFor(wanted.length, width)).includes(it));
}

function roomFor(wanted: number, width: number): number {
  const all = wanted === STATUSES.length && width >= wanted * (COLUMN + GAP) - GAP;
  if (all) return wanted;
  const room = width < NARROW ? width : width - LIST - GAP;
  return Math.max(1, Math.floor((room + GAP) / (COLUMN + GAP)));
}
