import { type LucideIcon, SquarePlus, SunMoon } from "lucide-react";
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
];

/** What the palette offers for a query. */
export function useCommands(_query: string): readonly Command[] {
  return FIXED;
}
