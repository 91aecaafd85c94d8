import type { QueryClient, QueryKey } from "@tanstack/react-query";
import type { Connection } from "./connection";
import { INTEREST } from "./interest";

const GATHER = 40; // milliseconds in which changes are gathered: a burst of facts makes one reading, not hundreds

/** Read again what messages make old, and everything after a gap. Returns what ends it. */
export function keepFresh(connection: Connection, queries: QueryClient): () => void {
  const old = new Map<string, QueryKey>();
  let timer: number | undefined;
  const flush = () => {
    timer = undefined;
    const keys = [...old.values()];
    old.clear();
    for (const queryKey of keys) void queries.invalidateQueries({ queryKey });
  };
  const ends = [
    connection.onMessage((message) => {
      for (const key of INTEREST[message.type]?.(message) ?? []) old.set(JSON.stringify(key), key);
      if (old.size > 0) timer ??= window.setTimeout(flush, GATHER);
    }),
    connection.onFresh(() => void queries.invalidateQueries()),
  ];
  return () => {
    window.clearTimeout(timer);
    for (const end of ends) end();
  };
}
