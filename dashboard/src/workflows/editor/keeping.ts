import { useState } from "react";
import { type Json, same } from "../definition/json";

/**
 * Keeps what has not changed: an item that says the same as the one of its id before is that very one, and a list of
 * nothing else is the very list. So whoever is drawn by identity is drawn only when there is something new to see.
 */
export function keeping<T extends { readonly id: string }>(): (next: readonly T[]) => readonly T[] {
  let before: readonly T[] = [];
  let known: ReadonlyMap<string, T> = new Map();
  return (next) => {
    const kept = next.map((item) => {
      const old = known.get(item.id);
      return old !== undefined && isSame(old, item) ? old : item;
    });
    if (kept.length === before.length && kept.every((item, index) => item === before[index])) return before;
    before = kept;
    known = new Map(kept.map((item) => [item.id, item]));
    return kept;
  };
}

/** What our cards and lists hold is JSON, but for what is the same by identity: manifests, and what is not set. */
function isSame(a: unknown, b: unknown): boolean {
  return same(a as Json, b as Json);
}

/** One keeper for as long as a component is there. */
export function useKept<T extends { readonly id: string }>(next: readonly T[]): readonly T[] {
  const [keep] = useState(() => keeping<T>());
  return keep(next);
}
