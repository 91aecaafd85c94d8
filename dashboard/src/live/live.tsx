import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useSyncExternalStore } from "react";
import { Connection, type LiveState } from "./connection";
import { keepFresh } from "./freshness";

const connection = new Connection(`${location.origin.replace(/^http/, "ws")}/ws/dashboard`);
const Live = createContext(connection);

/** Holds the live connection open while somebody is logged in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  useEffect(() => {
    const end = keepFresh(connection, queries);
    const hurry = () => connection.hurry();
    connection.start();
    window.addEventListener("online", hurry);
    document.addEventListener("visibilitychange", hurry);
    return () => {
      window.removeEventListener("online", hurry);
      document.removeEventListener("visibilitychange", hurry);
      end();
      connection.stop();
    };
  }, [queries]);
  return <Live value={connection}>{children}</Live>;
}

export function useConnection(): Connection {
  return use(Live);
}

export function useLiveState(): LiveState {
  const live = useConnection();
  return useSyncExternalStore(
    (changed) => live.onState(changed),
    () => live.state,
  );
}
