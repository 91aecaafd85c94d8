import { type Definition, nodesOf } from "./definition/definition";
import type { Json, JsonObject } from "./definition/json";
import type { RunDetail } from "./shapes";

/** What nodes have put out in a run, by their ids. */
export function outputsOf(run: RunDetail | undefined): ReadonlyMap<string, Json> {
  const done = (run?.nodes ?? []).filter((node) => node.status === "completed" || node.status === "cached");
  return new Map(done.map((node) => [node.key, node.output]));
}

/** The outputs that are pinned in a definition. */
export function pinnedIn(definition: Definition): JsonObject {
  const pins = nodesOf(definition).filter(({ value }) => isPinned(value));
  return Object.fromEntries(pins.map(({ key, value }) => [key, value.pinned]));
}

export function isPinned(node: JsonObject): boolean {
  return node.pinned !== undefined && node.pinned !== null;
}
