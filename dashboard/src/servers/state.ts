import type { components } from "@/api/schema";

export type Server = components["schemas"]["ServerView"];
export type Capabilities = components["schemas"]["CapabilitiesView"];

const PLAIN = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u;
const TAKEN = new Set(["join", "tokens"]);

/** How an address and a command name a machine: by its name; by its id where the name is not a plain word. */
export function addressOf({ id, name }: { readonly id: string; readonly name: string }): string {
  return PLAIN.test(name) && !TAKEN.has(name) ? name : id;
}

export interface ServerState {
  readonly word: "online" | "offline" | "draining" | "cordoned";
  readonly why: string;
}

/** A machine's state as one word, and what it means for work. */
export function stateOf(server: Server): ServerState {
  if (!server.connected)
    return { word: "offline", why: "not connected; its work waits, or goes elsewhere once it counts as lost" };
  if (server.cordoned) return { word: "cordoned", why: "takes nothing until somebody lifts that" };
  if (server.draining) return { word: "draining", why: "finishes what runs and takes nothing new" };
  const free = server.slots.max - server.slots.used;
  return { word: "online", why: free > 0 ? `room for ${free} more` : "every slot is taken" };
}

/** What an admin's overrides make different from what the machine announced: the field, before, now. */
export function overridden(server: Server): readonly { field: string; announced: unknown; now: unknown }[] {
  return Object.keys(server.overrides).map((field) => ({
    field,
    announced: server.announced[field as keyof Capabilities],
    now: server.capabilities[field as keyof Capabilities],
  }));
}

/** How long a token still counts, as `4:59`; null once it does not. */
export function countdown(expiresAt: string, now: number): string | null {
  const seconds = Math.floor((Date.parse(expiresAt) - now) / 1_000);
  if (seconds <= 0) return null;
  const hours = Math.floor(seconds / 3_600);
  const rest = `${String(Math.floor((seconds % 3_600) / 60)).padStart(hours ? 2 : 1, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  return hours ? `${hours}:${rest}` : rest;
}
