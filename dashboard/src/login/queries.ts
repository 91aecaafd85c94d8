import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, hub } from "@/api/client";

export interface Who {
  readonly id: string;
  readonly email: string;
  readonly role: "admin" | "viewer";
}

/** Who is logged in here. */
export const whoQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => answer<unknown>(hub.GET("/api/v1/me")) as Promise<Who>,
  staleTime: Number.POSITIVE_INFINITY,
});

/** Whether who is logged in may change things; the hub decides, this only spares a refusal. */
export function useMayWrite(): boolean {
  return useQuery(whoQuery).data?.role === "admin";
}
