import { queryOptions } from "@tanstack/react-query";
import { answer, hub } from "@/api/client";

export const serversQuery = queryOptions({
  queryKey: ["servers", "list"],
  queryFn: ({ signal }) => answer(hub.GET("/api/v1/servers", { signal })),
});
