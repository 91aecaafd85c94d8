import { type Definition, edgesOf, type Item, nodesOf } from "./definition";
import { isObject, type Json, type JsonObject, same } from "./json";

export type Change = "added" | "removed" | "changed" | "moved";

export interface FieldChange {
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

export interface ItemChange {
  readonly key: string;
  readonly change: Change;
  readonly value: JsonObject;
  readonly fields: readonly FieldChange[];
}

export interface Difference {
  readonly nodes: readonly ItemChange[];
  readonly edges: readonly ItemChange[];
  readonly fields: readonly FieldChange[];
}

/** What has become of a definition: nodes by their ids, edges by what they connect, the rest field by field. */
export function difference(before: Definition, after: Definition): Difference {
  const rest = ({ nodes: _nodes, edges: _edges, ...head }: Definition) => head;
  return {
    nodes: itemChanges(nodesOf(before), nodesOf(after)),
    edges: itemChanges(edgesOf(before), edgesOf(after)),
    fields: fieldChanges(rest(before), rest(after)),
  };
}

export function isSame(found: Difference): boolean {
  return found.nodes.length + found.edges.length + found.fields.length === 0;
}

function itemChanges(before: readonly Item[], after: readonly Item[]): readonly ItemChange[] {
  const old = new Map(before.map((item) => [item.key, item.value]));
  const kept = new Set(after.map((item) => item.key));
  const gone = before
    .filter((item) => !kept.has(item.key))
    .map((item): ItemChange => ({ key: item.key, change: "removed", value: item.value, fields: [] }));
  const now = after.flatMap((item): ItemChange[] => {
    const was = old.get(item.key);
    if (was === undefined) return [{ key: item.key, change: "added", value: item.value, fields: [] }];
    const fields = fieldChanges(was, item.value);
    if (fields.length === 0) return [];
    const change = fields.every((field) => /^position(\.|$)/.test(field.path)) ? "moved" : "changed";
    return [{ key: item.key, change, value: item.value, fields }];
  });
  return [...now, ...gone];
}

/** The leaves at which two objects differ; lists are compared as a whole. */
export function fieldChanges(before: JsonObject, after: JsonObject, path = ""): readonly FieldChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [was, is] = [own(before, name), own(after, name)];
    const here = path === "" ? name : `${path}.${name}`;
    if (same(was, is)) return [];
    if (isObject(was) && isObject(is)) return fieldChanges(was, is, here);
    return [{ path: here, before: was, after: is }];
  });
}

function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
