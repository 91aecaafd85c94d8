import type { Query, QueryClient, QueryKey } from "@tanstack/react-query";

/**
 * Read again what is shown of `queryKey` (everything without one). A first reading under way is not begun anew by
 * TanStack, though it may have been answered before the change it should show: such a query is read once more after it.
 */
export function readAgain(queries: QueryClient, queryKey?: QueryKey): Promise<void> {
  const first = queries.getQueryCache().findAll({ queryKey, fetchStatus: "fetching", predicate: isEmpty });
  for (const query of first) void query.promise?.then(() => onceMore(queries, query), ignore);
  return queries.invalidateQueries({ queryKey });
}

function onceMore(queries: QueryClient, query: Query): void {
  // After the answer has been stored, which happens behind this same promise.
  window.setTimeout(() => void queries.invalidateQueries({ queryKey: query.queryKey, exact: true }));
}

const isEmpty = (query: Query): boolean => query.state.data === undefined;
const ignore = (): void => undefined; // a reading that failed says so on the page, which reads it again itself
