import { type Definition, edgesOf, listOf, nodesOf } from "../definition/definition";

/** The later definition, with what was removed from the earlier one still in it. */
export function union(before: Definition, after: Definition): Definition {
  const nodes = new Set(nodesOf(after).map((item) => item.key));
  const edges = new Set(edgesOf(after).map((item) => item.key));
  const lost = (items: ReturnType<typeof nodesOf>, kept: ReadonlySet<string>) =>
    items.filter((item) => !kept.has(item.key)).map((item) => item.value);
  return {
    ...after,
    nodes: [...listOf(after.nodes), ...lost(nodesOf(before), nodes)],
    edges: [...listOf(after.edges), ...lost(edgesOf(before), edges)],
  };
}
