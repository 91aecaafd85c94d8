import { useQuery } from "@tanstack/react-query";
import { serversQuery } from "@/servers/queries";
import { projectsQuery } from "@/settings/queries";

/** What terminals need to know of machines and projects; their own pages know the whole of it. */
export interface Machine {
  readonly id: string;
  readonly name: string;
  readonly connected: boolean;
  readonly repos: Readonly<Record<string, unknown>>;
}

export interface Project {
  readonly id: string;
  readonly name: string;
}

export function useMachines(): readonly Machine[] {
  return (useQuery(serversQuery).data as { servers: readonly Machine[] } | undefined)?.servers ?? [];
}

export function useProjects(): readonly Project[] {
  return (useQuery(projectsQuery).data as { projects: readonly Project[] } | undefined)?.projects ?? [];
}
