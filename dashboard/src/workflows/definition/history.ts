/** What can be undone. Steps of the same kind that follow each other (typing into one field) count as one. */
export interface History<T> {
  readonly past: readonly T[];
  readonly now: T;
  readonly future: readonly T[];
  readonly kind: string | null;
}

const MOST = 200;

export function begin<T>(now: T): History<T> {
  return { past: [], now, future: [], kind: null };
}

/** One step further. `kind`: of what it is a part; null: of nothing, always a step of its own. */
export function step<T>(history: History<T>, next: T, kind: string | null = null): History<T> {
  if (next === history.now) return history;
  if (kind !== null && kind === history.kind) return { ...history, now: next, future: [] };
  return { past: [...history.past, history.now].slice(-MOST), now: next, future: [], kind };
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], kind: null };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future, kind: null };
}
