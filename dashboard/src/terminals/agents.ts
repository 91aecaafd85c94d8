import type { Server } from "@/servers/state";

export type Machine = Pick<Server, "id" | "name" | "connected" | "repos"> & {
  readonly capabilities: Pick<Server["capabilities"], "agents">;
};

/** An agent as the form offers it. `why`: what stands against it; null where it can be chosen. `note`: good to know. */
export interface AgentChoice {
  readonly name: string;
  readonly label: string;
  readonly why: string | null;
  readonly note: string;
}

const LABELS: ReadonlyMap<string, string> = new Map([
  ["claude_code", "Claude Code"],
  ["codex_cli", "Codex"],
  ["gemini_cli", "Gemini CLI"],
  ["aider", "aider"],
]);

/** Agents on a machine, or on any that is connected: what their probes found, then what could be installed there. */
export function agentsFor(machines: readonly Machine[], server: string): readonly AgentChoice[] {
  const where = machines.filter((it) => (server === "" ? it.connected : it.name === server));
  const found = new Set(where.flatMap((it) => it.capabilities.agents.map((agent) => agent.name)));
  const names = [...found, ...[...LABELS.keys()].filter((name) => !found.has(name))];
  return names.map((name) => ({
    name,
    label: LABELS.get(name) ?? name,
    why: found.has(name) ? null : server === "" ? "on no machine that is connected" : `not installed on ${server}`,
    note: noteOn(name, where),
  }));
}

/** Which version, and whether somebody has to log in first: of the one machine in question only. */
function noteOn(name: string, where: readonly Machine[]): string {
  const [only, ...others] = where.filter((it) => it.capabilities.agents.some((agent) => agent.name === name));
  if (only === undefined) return "";
  if (others.length > 0) return `on ${others.length + 1} machines`;
  const agent = only.capabilities.agents.find((it) => it.name === name);
  const login = agent?.logged_in === false ? "nobody is logged in with it" : "";
  return [`on ${only.name}`, agent?.version, login].filter(Boolean).join(", ");
}

/** Why what was chosen cannot be run where it was chosen; null: nothing is known against it. */
export function refusalOf(choices: readonly AgentChoice[], runs: string): string | null {
  const chosen = choices.find((it) => it.name === runs);
  return chosen?.why ? `${chosen.label} is ${chosen.why}.` : null;
}
