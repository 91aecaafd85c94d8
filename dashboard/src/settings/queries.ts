import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, hub } from "@/api/client";

export const projectsQuery = queryOptions({
  queryKey: ["projects", "list"],
  queryFn: ({ signal }) => answer(hub.GET("/api/v1/projects", { signal })),
});

export const usersQuery = queryOptions({
  queryKey: ["users", "list"],
  queryFn: ({ signal }) => answer(hub.GET("/api/v1/users", { signal })),
});

export const keysQuery = queryOptions({
  queryKey: ["keys", "list"],
  queryFn: ({ signal }) => answer(hub.GET("/api/v1/keys", { signal })),
});

export function auditQuery(actor: string, action: string) {
  return infiniteQueryOptions({
    queryKey: ["audit", "list", actor, action],
    queryFn: ({ pageParam, signal }) => {
      const query = { before: pageParam ?? null, ...(actor && { actor }), ...(action && { action }) };
      return answer(hub.GET("/api/v1/audit", { params: { query }, signal }));
    },
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next_before ?? undefined,
  });
}
