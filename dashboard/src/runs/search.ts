import { line } from "@/ui/commandline";
import { RUN_STATUSES, type RunStatus } from "./shapes";

export interface RunFilter {
  readonly workflow?: number;
  readonly status?: RunStatus;
}

export const TABS = ["graph", "timeline", "history", "output"] as const;
export type Tab = (typeof TABS)[number];

export interface RunSearch {
  readonly node?: string;
  readonly tab?: Tab;
}

export interface LetterSearch {
  readonly letter?: number;
  readonly workflow?: number;
  readonly node_type?: string;
}

/** The same as a command. */
export function letterCommand({ letter, workflow, node_type }: LetterSearch): string {
  if (letter !== undefined) return line(["corral", "dlq", "show", String(letter)]);
  const options = Object.entries({ "--workflow": workflow, "--node-type": node_type });
  return line(["corral", "dlq", "list", ...options.flatMap(([name, value]) => (value ? [name, String(value)] : []))]);
}

type Search = Record<string, unknown>;

export function readRunFilter(search: Search): RunFilter {
  const status = RUN_STATUSES.find((it) => it === search.status);
  return { ...whole(search, "workflow"), ...(status && { status }) };
}

export function readRunSearch(search: Search): RunSearch {
  const tab = TABS.find((it) => it === search.tab && it !== "graph");
  return { ...words(search, "node"), ...(tab && { tab }) };
}

export function readLetterSearch(search: Search): LetterSearch {
  return { ...whole(search, "letter"), ...whole(search, "workflow"), ...words(search, "node_type") };
}

function whole(search: Search, name: string): Record<string, number> {
  const value = Number(search[name]);
  return search[name] !== "" && Number.isSafeInteger(value) && value > 0 ? { [name]: value } : {};
}

function words(search: Search, name: string): Record<string, string> {
  const value = search[name];
  const isText = typeof value === "string" || typeof value === "number";
  return isText && value !== "" ? { [name]: String(value) } : {};
}
