import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { readAgain } from "@/api/again";
import { gather } from "@/live/freshness";
import { useConnection } from "@/live/live";

const WORK: ReadonlySet<string> = new Set(["task_event", "session_event"]);
const BEAT = 15_000; // milliseconds: figures come with heartbeats, about which nobody says a word

/** Keep slots and load true while machines are looked at: work begins and ends without a message about its machine. */
export function useLiveLoad(): void {
  const connection = useConnection();
  const queries = useQueryClient();
  useEffect(() => {
    const gathering = gather(() => void readAgain(queries, ["servers", "list"]));
    const end = connection.onMessage((message) => WORK.has(message.type) && gathering.soon());
    const timer = window.setInterval(() => document.visibilityState === "visible" && gathering.soon(), BEAT);
    return () => {
      window.clearInterval(timer);
      gathering.stop();
      end();
    };
  }, [connection, queries]);
}
