import { at, isList, isObject, type Json, type JsonObject, put, textOf, without } from "./json";

/** A workflow's definition as JSON. What is not known here is kept as it stands. */
export type Definition = JsonObject;

/** A node or an edge of a definition: where it stands in its list, and a key that no other has. */
export interface Item {
  readonly key: string;
  readonly index: number;
  readonly value: JsonObject;
}

export interface Ends {
  readonly source: string;
  readonly target: string;
  readonly source_handle: string;
  readonly target_handle: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The nodes, each with its id as key; of several with the same id only the first has it. */
export function nodesOf(definition: Definition): readonly Item[] {
  return remembered(NODES, definition.nodes, (node) => textOf(node.id) || "?");
}

/** The edges; their keys say what they connect. */
export function edgesOf(definition: Definition): readonly Item[] {
  return remembered(EDGES, definition.edges, (edge) => {
    const ends = endsOf(edge);
    return `${ends.source}.${ends.source_handle}→${ends.target}.${ends.target_handle}`;
  });
}

export function endsOf(edge: JsonObject): Ends {
  return {
    source: textOf(edge.source),
    target: textOf(edge.target),
    source_handle: textOf(edge.source_handle, "main"),
    target_handle: textOf(edge.target_handle, "main"),
  };
}

export function nameOf(node: JsonObject): string {
  return textOf(node.label) || textOf(node.id) || textOf(node.type);
}

type Remembered = WeakMap<readonly Json[], readonly Item[]>;
const NODES: Remembered = new WeakMap();
const EDGES: Remembered = new WeakMap();

/** The items of a list, which is never changed in place: they are made once, however many parts of a page ask. */
function remembered(known: Remembered, list: Json | undefined, keyOf: (value: JsonObject) => string): readonly Item[] {
  if (!isList(list)) return [];
  const found = known.get(list) ?? items(list, keyOf);
  known.set(list, found);
  return found;
}

function items(list: readonly Json[], keyOf: (value: JsonObject) => string): readonly Item[] {
  const seen = new Set<string>();
  const found: Item[] = [];
  for (const [index, value] of list.entries()) {
    if (!isObject(value)) continue;
    const plain = keyOf(value);
    const key = seen.has(plain) ? `${plain}#${index}` : plain;
    seen.add(key);
    found.push({ key, index, value });
  }
  return found;
}

/** The definition with one field of a node or an edge set; undefined removes it. */
export function setField(
  definition: Definition,
  list: "nodes" | "edges",
  index: number,
  path: readonly (string | number)[],
  value: Json | undefined,
): Definition {
  return put(definition, [list, index, ...path], value) as Definition;
}

/** An id that no node has yet: the type, with a number where needed. */
export function freshId(definition: Definition, type: string): string {
  const taken = new Set(nodesOf(definition).map((item) => textOf(item.value.id)));
  const plain = type.replaceAll(/[[\]{}/"\\\s]+/g, "_") || "node";
  for (let number = 1; ; number++) {
    const id = number === 1 ? plain : `${plain}_${number}`;
    if (!taken.has(id)) return id;
  }
}

/** The definition with one more node, and its id. `after`: the node it is connected to. */
export function addNode(
  definition: Definition,
  type: string,
  position: Point,
  after: { id: string; handle: string } | null = null,
): { definition: Definition; id: string } {
  const id = freshId(definition, type);
  const node = { id, type, position: { x: Math.round(position.x), y: Math.round(position.y) } };
  const more = { ...definition, nodes: [...listOf(definition.nodes), node] };
  if (after === null) return { definition: more, id };
  const ends = { source: after.id, target: id, source_handle: after.handle, target_handle: "main" };
  return { definition: connect(more, ends), id };
}

/** The definition with an edge more; the same where it has it already, or where a node would lead to itself. */
export function connect(definition: Definition, ends: Ends): Definition {
  if (ends.source === ends.target || edgesOf(definition).some((item) => isBetween(item.value, ends))) return definition;
  const edge: JsonObject = {
    source: ends.source,
    target: ends.target,
    ...(ends.source_handle === "main" ? {} : { source_handle: ends.source_handle }),
    ...(ends.target_handle === "main" ? {} : { target_handle: ends.target_handle }),
  };
  return { ...definition, edges: [...listOf(definition.edges), edge] };
}

function isBetween(edge: JsonObject, ends: Ends): boolean {
  const has = endsOf(edge);
  return (
    has.source === ends.source &&
    has.target === ends.target &&
    has.source_handle === ends.source_handle &&
    has.target_handle === ends.target_handle
  );
}

/** The definition without some nodes and edges, and without the edges that would hang loose. */
export function remove(definition: Definition, keys: ReadonlySet<string>): Definition {
  const gone = nodesOf(definition).filter((item) => keys.has(item.key));
  const ids = new Set(gone.map((item) => item.key));
  const lost = edgesOf(definition).filter(
    ({ key, value }) => keys.has(key) || ids.has(textOf(value.source)) || ids.has(textOf(value.target)),
  );
  if (gone.length === 0 && lost.length === 0) return definition;
  const nodes = dropped(definition.nodes, gone);
  const edges = dropped(definition.edges, lost);
  return {
    ...definition,
    ...(gone.length > 0 ? { nodes } : {}),
    ...(lost.length > 0 ? { edges } : {}),
  };
}

/** The definition with nodes elsewhere on the canvas. */
export function move(definition: Definition, places: ReadonlyMap<string, Point>): Definition {
  const indexes = new Map(nodesOf(definition).map((item) => [item.index, item.key]));
  const nodes = listOf(definition.nodes).map((node, index) => {
    const place = places.get(indexes.get(index) ?? "");
    if (place === undefined || !isObject(node)) return node;
    const position = {
      ...(isObject(node.position) ? node.position : {}),
      x: Math.round(place.x),
      y: Math.round(place.y),
    };
    return { ...node, position };
  });
  return { ...definition, nodes };
}

/** The definition with another id for a node; its edges follow. An id that another node has changes nothing. */
export function renameNode(definition: Definition, index: number, id: string): Definition {
  const old = at(definition, ["nodes", index, "id"]);
  if (id === "" || id === old || nodesOf(definition).some((item) => item.value.id === id)) return definition;
  const renamed = setField(definition, "nodes", index, ["id"], id);
  if (definition.edges === undefined) return renamed;
  const edges = listOf(definition.edges).map((edge) => {
    if (!isObject(edge) || (edge.source !== old && edge.target !== old)) return edge;
    const source = edge.source === old ? { source: id } : {};
    return { ...edge, ...source, ...(edge.target === old ? { target: id } : {}) };
  });
  return { ...renamed, edges };
}

/** An edge's way of deciding: always, on a condition, or where no sibling's condition holds. */
export function setGate(edge: JsonObject, gate: "always" | "otherwise" | Json): JsonObject {
  const bare = without(without(edge, "condition"), "otherwise");
  if (gate === "always") return bare;
  return gate === "otherwise" ? { ...bare, otherwise: true } : { ...bare, condition: gate };
}

export function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

function dropped(list: Json | undefined, gone: readonly Item[]): readonly Json[] {
  const indexes = new Set(gone.map((item) => item.index));
  return listOf(list).filter((_, index) => !indexes.has(index));
}
