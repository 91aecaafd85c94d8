import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { readAgain } from "@/api/again";
import type { RunNodes, RunProgress } from "@/api/messages";
import type { Message } from "@/live/connection";
import { useConnection } from "@/live/live";
import { runQuery } from "./queries";
import { withProgress, withStates } from "./states";

/** Hear of a run node by node as long as its page is open: what is told stands there before it is read again. */
export function useRunWatch(run: string): void {
  const connection = useConnection();
  const queries = useQueryClient();
  useEffect(() => {
    const { queryKey } = runQuery(run);
    const watch = () => void connection.send({ type: "runs_watch", run_ids: [run] });
    const hear = (message: Message) => {
      if (message.type === "run_nodes")
        queries.setQueryData(queryKey, (known) => known && withStates(known, message as unknown as RunNodes));
      else if (message.type === "run_progress")
        queries.setQueryData(queryKey, (known) => known && withProgress(known, message as unknown as RunProgress));
      else if (message.type === "runs_watched") void readAgain(queries, ["runs", "one", run]); // what happened before was not told
    };
    const ends = [connection.onMessage(hear), connection.onFresh(watch)];
    watch();
    return () => {
      for (const end of ends) end();
      connection.send({ type: "runs_watch", run_ids: [] });
    };
  }, [connection, queries, run]);
}
