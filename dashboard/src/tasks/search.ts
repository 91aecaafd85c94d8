import { line } from "@/ui/commandline";
import type { CardFilter } from "./cards";
import { PRIORITIES, STATUSES } from "./shapes";

export const VIEWS = ["board", "list", "graph"] as const;
export type View = (typeof VIEWS)[number];

export interface BoardSearch extends CardFilter {
  readonly view?: View;
}

export const TABS = ["overview", "contracts", "output", "notes", "activity", "attempts", "placement"] as const;
export type Tab = (typeof TABS)[number];

/** The filters of the board, from the URL: what is no filter of ours is left out. */
export function readBoardSearch(search: Record<string, unknown>): BoardSearch {
  const view = VIEWS.find((it) => it === search.view && it !== "board");
  const status = STATUSES.find((it) => it === search.status);
  const priority = PRIORITIES.find((it) => it === search.priority);
  return {
    ...(view && { view }),
    ...(status && { status }),
    ...(priority && { priority }),
    ...text(search, "q"),
    ...text(search, "project_id"),
    ...text(search, "type"),
    ...text(search, "server"),
  };
}

export function readTaskSearch(search: Record<string, unknown>): { tab?: Tab } {
  const tab = TABS.find((it) => it === search.tab && it !== "overview");
  return tab ? { tab } : {};
}

function text(search: Record<string, unknown>, name: string): Record<string, string> {
  const value = search[name];
  return typeof value === "string" || typeof value === "number" ? (value === "" ? {} : { [name]: String(value) }) : {};
}

/** The same as a command. */
export function boardCommand({ status, project_id }: BoardSearch): string {
  const options = Object.entries({ "--status": status, "--project": project_id?.slice(0, 8) });
  return line(["corral", "task", "list", ...options.flatMap(([option, value]) => (value ? [option, value] : []))]);
}
