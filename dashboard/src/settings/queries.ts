import { queryOptions } from "@tanstack/react-query";
import { answer, hub } from "@/api/client";

export const projectsQuery = queryOptions({
  queryKey: ["projects", "list"],
  queryFn: ({ signal }) => answer(hub.GET("/api/v1/projects", { signal })),
});
