import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { LogOut, type LucideIcon, Server, SquareCheck, SquarePlus, SunMoon, Workflow } from "lucide-react";
import { answer, hub } from "@/api/client";
import { logOut } from "@/login/logOut";
import { serversQuery } from "@/servers/queries";
import { addressOf } from "@/servers/state";
import { PLACES } from "./places";
import { chooseTheme, currentTheme, NEXT } from "./theme";

/** One line of the palette: a place to go to (`href`), or something to do (`run`). */
export interface Command {
  readonly key: string;
  readonly label: string;
  readonly also?: string | undefined;
  readonly icon: LucideIcon;
  readonly href?: string;
  readonly run?: () => void;
}

const FIXED: readonly Command[] = [
  ...PLACES.map((place) => ({
    key: `go${place.to}`,
    label: place.label,
    also: `g ${place.key}`,
    icon: place.icon,
    href: place.to,
  })),
  { key: "new-task", label: "New task", icon: SquarePlus, href: "/tasks/new" },
  { key: "new-workflow", label: "New workflow", icon: SquarePlus, href: "/workflows/new" },
  { key: "join", label: "Join a machine", icon: SquarePlus, href: "/servers/join" },
  {
    key: "theme",
    label: "Switch theme: system, light, dark",
    icon: SunMoon,
    run: () => chooseTheme(NEXT[currentTheme()]),
  },
  { key: "log-out", label: "Log out", icon: LogOut, run: () => void logOut() },
];

/** What the palette offers for a query: fixed places and actions, machines, and the tasks and workflows that match. */
export function useCommands(query: string): readonly Command[] {
  const text = query.trim();
  const tasks = useQuery({
    queryKey: ["tasks", "found", text],
    queryFn: ({ signal }) =>
      answer(hub.GET("/api/v1/tasks/cards", { params: { query: { q: text, limit: 20 } }, signal })),
    enabled: text.length > 1,
    placeholderData: keepPreviousData,
  }).data;
  const servers = useQuery({ ...serversQuery, enabled: text.length > 0 }).data;
  const workflows = useQuery({
    queryKey: ["workflows", "list", "palette"],
    queryFn: ({ signal }) =>
      answer(hub.GET("/api/v1/workflows", { params: { query: { limit: 100 } as never }, signal })),
    enabled: text.length > 0,
  }).data as readonly { id: number; name: string }[] | undefined;
  return [
    ...FIXED,
    ...(text ? (servers?.servers ?? []) : []).map((it) => ({
      key: `server${it.id}`,
      label: it.name,
      also: "machine",
      icon: Server,
      href: `/servers/${encodeURIComponent(addressOf(it))}`,
    })),
    ...(text ? (workflows ?? []) : []).map((it) => ({
      key: `workflow${it.id}`,
      label: it.name,
      also: `workflow ${it.id}`,
      icon: Workflow,
      href: `/workflows/${it.id}`,
    })),
    ...(text.length > 1 ? (tasks?.tasks ?? []) : []).map((it) => ({
      key: `task${it.id}`,
      label: it.title,
      also: `${it.short_id} ${it.status.replaceAll("_", " ")}`,
      icon: SquareCheck,
      href: `/tasks/${it.id}`,
    })),
  ];
}
