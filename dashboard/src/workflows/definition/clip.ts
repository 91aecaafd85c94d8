import { type Definition, edgesOf, endsOf, freshId, listOf, nodesOf } from "./definition";
import { isList, isObject, type Json, type JsonObject, textOf } from "./json";

const MARK = "corral-nodes";
const SHIFT = 40;

/** Some nodes with the edges among them, as text for the clipboard. */
export function copied(definition: Definition, keys: ReadonlySet<string>): string {
  const nodes = nodesOf(definition).filter((item) => keys.has(item.key));
  const ids = new Set(nodes.map((item) => item.key));
  const edges = edgesOf(definition).filter(({ value }) => {
    const ends = endsOf(value);
    return ids.has(ends.source) && ids.has(ends.target);
  });
  return JSON.stringify({ [MARK]: 1, nodes: nodes.map((it) => it.value), edges: edges.map((it) => it.value) }, null, 2);
}

/** The definition with what was copied in it under fresh ids, beside where it came from; null if the text is no such thing. */
export function pasted(
  definition: Definition,
  text: string,
): { definition: Definition; keys: ReadonlySet<string> } | null {
  const clip = read(text);
  if (clip === null) return null;
  const ids = new Map<string, string>();
  let result = definition;
  for (const node of clip.nodes) {
    const id = freshId(result, textOf(node.id) || textOf(node.type));
    if (textOf(node.id)) ids.set(textOf(node.id), id);
    result = { ...result, nodes: [...listOf(result.nodes), { ...node, id, ...shifted(node.position) }] };
  }
  const edges = clip.edges.flatMap((edge): JsonObject[] => {
    const [source, target] = [ids.get(textOf(edge.source)), ids.get(textOf(edge.target))];
    return source === undefined || target === undefined ? [] : [{ ...edge, source, target }];
  });
  if (edges.length > 0) result = { ...result, edges: [...listOf(result.edges), ...edges] };
  return { definition: result, keys: new Set(ids.values()) };
}

function shifted(position: Json | undefined): JsonObject {
  if (!isObject(position) || typeof position.x !== "number" || typeof position.y !== "number") return {};
  return { position: { ...position, x: position.x + SHIFT, y: position.y + SHIFT } };
}

function read(text: string): { nodes: readonly JsonObject[]; edges: readonly JsonObject[] } | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || value[MARK] !== 1 || !isList(value.nodes)) return null;
    const edges = isList(value.edges) ? value.edges.filter(isObject) : [];
    return { nodes: value.nodes.filter(isObject).slice(0, 500), edges };
  } catch {
    return null; // something else is on the clipboard
  }
}
