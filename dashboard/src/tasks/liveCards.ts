import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { readAgain } from "@/api/again";
import { answer, hub } from "@/api/client";
import { Problem } from "@/api/problem";
import { gather } from "@/live/freshness";
import { useConnection } from "@/live/live";
import { type CardFilter, type CardPages, cardOf, withCard } from "./cards";
import type { Card } from "./shapes";

const MOST = 25; // tasks read one by one; when more have changed at once, the lists are read anew from their top

/** Keep every loaded list of cards true: a task that changed is read once and put where it belongs now. */
export function useLiveCards(): void {
  const connection = useConnection();
  const queries = useQueryClient();
  useEffect(() => {
    const changed = new Set<string>();
    const gathering = gather(() => {
      const ids = [...changed];
      changed.clear();
      if (ids.length > MOST) void readAnew(queries);
      else for (const id of ids) void readOne(queries, id);
    });
    const end = connection.onMessage((message) => {
      if (message.type !== "task_event" || typeof message.task_id !== "string") return;
      changed.add(message.task_id);
      gathering.soon();
    });
    return () => {
      gathering.stop();
      end();
    };
  }, [connection, queries]);
}

async function readOne(queries: QueryClient, id: string): Promise<void> {
  try {
    const task = await answer(hub.GET("/api/v1/tasks/{task}", { params: { path: { task: id } } }));
    putCard(queries, cardOf(task));
  } catch (error) {
    if (!(error instanceof Problem)) throw error; // gone, or the hub is: the next connection reads everything again
  }
}

/** Put one card into every list that is loaded. */
export function putCard(queries: QueryClient, card: Card): void {
  for (const [key] of queries.getQueriesData({ queryKey: ["tasks", "list"] })) {
    queries.setQueryData<CardPages>(key, (pages) => pages && withCard(pages, card, key[2] as CardFilter));
  }
}

async function readAnew(queries: QueryClient): Promise<void> {
  queries.setQueriesData<CardPages>({ queryKey: ["tasks", "list"] }, (pages) =>
    pages ? { pages: pages.pages.slice(0, 1), pageParams: pages.pageParams.slice(0, 1) } : pages,
  );
  await readAgain(queries, ["tasks", "list"]);
}
