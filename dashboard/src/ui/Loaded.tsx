import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import style from "./Loaded.module.css";
import { Notice } from "./Notice";

/** What a query has brought; until then a quiet placeholder, and what went wrong where it failed. */
export function Loaded<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <Notice error={query.error} retry={() => void query.refetch()} />;
  return (
    <div className={style.loading} role="status">
      <span className="visually-hidden">Loading</span>
    </div>
  );
}
