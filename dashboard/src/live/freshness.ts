import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { readAgain } from "@/api/again";
import type { Connection } from "./connection";
import { madeOld } from "./interest";

const GATHER = 30; // milliseconds in which changes are gathered: a burst of facts makes one reading, not hundreds
const REST = 100; // between two readings while facts keep coming: what happened is seen within 200

/** Read again what messages make old, and everything after a gap. Returns what ends it. */
export function keepFresh(connection: Connection, queries: QueryClient): () => void {
  const old = new Map<string, QueryKey>();
  const gathering = gather(() => {
    const keys = [...old.values()];
    old.clear();
    for (const queryKey of keys) void readAgain(queries, queryKey);
  });
  const ends = [
    connection.onMessage((message) => {
      for (const key of madeOld(message)) old.set(JSON.stringify(key), key);
      if (old.size > 0) gathering.soon();
    }),
    connection.onFresh(() => void readAgain(queries)),
  ];
  return () => {
    gathering.stop();
    for (const end of ends) end();
  };
}

/** Call `act` soon after the first `soon()`, and not more often than the page can bear while more of them come. */
export function gather(act: () => void): { soon: () => void; stop: () => void } {
  let timer: number | undefined;
  let acted = Number.NEGATIVE_INFINITY;
  return {
    soon: () => {
      timer ??= window.setTimeout(
        () => {
          timer = undefined;
          acted = performance.now();
          act();
        },
        Math.max(GATHER, acted + REST - performance.now()),
      );
    },
    stop: () => window.clearTimeout(timer),
  };
}
