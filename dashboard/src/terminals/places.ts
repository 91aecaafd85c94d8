import { useQuery } from "@tanstack/react-query";
import { serversQuery } from "@/servers/queries";
import { projectsQuery } from "@/settings/queries";
import type { Machine } from "./agents";

/** What terminals need to know of machines and projects; their own pages know the whole of it. */
export interface Project {
  readonly id: string;
  readonly name: string;
}

export function useMachines(): readonly Machine[] {
  return useQuery(serversQuery).data?.servers ?? [];
}

export function useProjects(): readonly Project[] {
  return (useQuery(projectsQuery).data as { projects: readonly Project[] } | undefined)?.projects ?? [];
}
