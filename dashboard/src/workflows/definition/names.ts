import type { Manifest } from "../shapes";
import { type Definition, edgesOf, endsOf, nameOf, nodesOf } from "./definition";
import { isList, isObject, type Json, type JsonObject, textOf } from "./json";

/** What templates may name in a node: what it is called there, and the paths that are known of it. */
export interface Source {
  readonly name: string;
  readonly title: string;
  readonly paths: readonly string[];
}

const DEEP = 4;
const MOST = 60;

/** How templates call a node: its label without white space, in lower case, or else its id. */
export function templateName(node: JsonObject): string {
  const label = textOf(node.label).replaceAll(/\s+/g, "").toLowerCase();
  return label || textOf(node.id).toLowerCase();
}

/** The nodes before a node, nearest first. */
export function upstream(definition: Definition, id: string): readonly string[] {
  const before = new Map<string, string[]>();
  for (const { value } of edgesOf(definition)) {
    const { source, target } = endsOf(value);
    before.set(target, [...(before.get(target) ?? []), source]);
  }
  const seen = new Set<string>([id]);
  const found: string[] = [];
  for (let layer = before.get(id) ?? []; layer.length > 0; ) {
    const fresh = [...new Set(layer)].filter((it) => !seen.has(it));
    for (const it of fresh) seen.add(it);
    found.push(...fresh);
    layer = fresh.flatMap((it) => before.get(it) ?? []);
  }
  return found;
}

/** Everything that templates of a node can name: nodes before it, what the run is given, variables. */
export function sourcesOf(
  definition: Definition,
  id: string,
  manifests: ReadonlyMap<string, Manifest>,
  outputs: ReadonlyMap<string, Json>,
): readonly Source[] {
  const nodes = new Map(nodesOf(definition).map((item) => [item.key, item.value]));
  const before = upstream(definition, id).flatMap((key): Source[] => {
    const node = nodes.get(key);
    if (node === undefined) return [];
    const known = node.pinned ?? outputs.get(key);
    const schema = manifests.get(textOf(node.type))?.result;
    const paths = known === undefined || known === null ? schemaPaths(schema) : valuePaths(known);
    return [{ name: templateName(node), title: nameOf(node), paths }];
  });
  const variables = isObject(definition.variables) ? valuePaths(definition.variables) : [];
  const more: Source[] = [
    { name: "inputs", title: "What the run is given", paths: schemaPaths(definition.inputs) },
    { name: "variables", title: "Variables", paths: variables },
  ];
  return [...before, ...more.filter((it) => it.paths.length > 0 || it.name === "inputs")];
}

/** Paths into what a JSON Schema describes. */
export function schemaPaths(schema: Json | undefined, depth = 0): readonly string[] {
  if (!isObject(schema) || !isObject(schema.properties) || depth > DEEP) return [];
  return Object.entries(schema.properties)
    .flatMap(([name, inner]) => [name, ...schemaPaths(inner, depth + 1).map((path) => `${name}.${path}`)])
    .slice(0, MOST);
}

/** Paths into a value that is there. */
export function valuePaths(value: Json | undefined, depth = 0): readonly string[] {
  if (depth > DEEP) return [];
  const entries = isList(value)
    ? value.slice(0, 1).map((item) => ["0", item] as const)
    : Object.entries(isObject(value) ? value : {});
  return entries
    .filter(([name]) => /^[^.[\]{}]+$/.test(name))
    .flatMap(([name, inner]) => [name, ...valuePaths(inner, depth + 1).map((path) => `${name}.${path}`)])
    .slice(0, MOST);
}
