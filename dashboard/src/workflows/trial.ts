import { type Definition, nodesOf } from "./definition/definition";
import { isObject, type Json, type JsonObject, textOf } from "./definition/json";
import type { Start } from "./queries";
import type { Manifest, RunDetail } from "./shapes";

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

/**
 * How a run begins in which one node alone is run: for every other one what is pinned, or what it has put out last,
 * stands in. Steps that are in neither put out null.
 */
export function startOfOne(
  definition: Definition,
  node: string,
  outputs: ReadonlyMap<string, Json>,
  manifests: ReadonlyMap<string, Manifest>,
): Start {
  const known = (key: string, value: JsonObject) => value.pinned ?? outputs.get(key) ?? null;
  const nodes = nodesOf(definition);
  const triggers = nodes.filter(({ value }) => manifests.get(textOf(value.type))?.trigger);
  const rest = nodes.filter((it) => it.key !== node && !triggers.includes(it));
  const pinned = Object.fromEntries(rest.map(({ key, value }) => [key, known(key, value)]));
  const first = triggers[0];
  const given = first === undefined ? null : known(first.key, first.value);
  return { pinned, ...(isObject(given) ? { inputs: given } : {}), ...(first ? { trigger: first.key } : {}) };
}
