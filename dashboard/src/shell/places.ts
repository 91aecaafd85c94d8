import {
  Inbox,
  type LucideIcon,
  MailX,
  Play,
  Server,
  Settings,
  SquareKanban,
  SquareTerminal,
  Workflow,
} from "lucide-react";

/** The places of the dashboard: their order in the navigation, and the key after `g` that leads there. */
export const PLACES = [
  { to: "/", label: "Inbox", icon: Inbox, key: "i" },
  { to: "/tasks", label: "Tasks", icon: SquareKanban, key: "t" },
  { to: "/servers", label: "Fleet", icon: Server, key: "f" },
  { to: "/terminals", label: "Terminals", icon: SquareTerminal, key: "e" },
  { to: "/workflows", label: "Workflows", icon: Workflow, key: "w" },
  { to: "/runs", label: "Runs", icon: Play, key: "r" },
  { to: "/dead-letters", label: "Dead letters", icon: MailX, key: "d" },
  { to: "/settings", label: "Settings", icon: Settings, key: "s" },
] as const satisfies readonly { to: string; label: string; icon: LucideIcon; key: string }[];
