import { queryOptions } from "@tanstack/react-query";
import { answer, hub } from "@/api/client";

export const serversQuery = queryOptions({
  queryKey: ["servers", "list"],
  queryFn: ({ signal }) => answer(hub.GET("/api/v1/servers", { signal })),
});

/** A machine by its name or id. */
export function serverQuery(server: string) {
  return queryOptions({
    queryKey: ["servers", "list", server],
    queryFn: ({ signal }) => answer(hub.GET("/api/v1/servers/{server}", { params: { path: { server } }, signal })),
  });
}

export const tokensQuery = queryOptions({
  queryKey: ["servers", "tokens"],
  queryFn: ({ signal }) => answer(hub.GET("/api/v1/servers/tokens", { signal })),
});
