export interface Toast {
  readonly id: number;
  readonly tone: "ok" | "danger";
  readonly text: string;
  readonly hint?: string | undefined;
}

let toasts: readonly Toast[] = [];
let next = 1;
const watchers = new Set<() => void>();

/** Say something that passes: that an action was done, or why it was refused. */
export function toast(tone: Toast["tone"], text: string, hint?: string): void {
  const id = next++;
  publish([...toasts.slice(-3), { id, tone, text, hint }]);
  window.setTimeout(() => dismiss(id), tone === "ok" ? 4_000 : 10_000);
}

export function dismiss(id: number): void {
  publish(toasts.filter((it) => it.id !== id));
}

export function watchToasts(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

export function currentToasts(): readonly Toast[] {
  return toasts;
}

function publish(now: readonly Toast[]): void {
  toasts = now;
  for (const watcher of watchers) watcher();
}
