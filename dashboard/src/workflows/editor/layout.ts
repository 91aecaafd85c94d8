import { Graph, layout } from "@dagrejs/dagre";
import { type Definition, edgesOf, endsOf, move, nodesOf, type Point } from "../definition/definition";
import { needsLayout, WIDTH } from "./graph";

const HEIGHT = 76;

/** Places for all nodes, from left to right along the edges. */
export function arranged(definition: Definition): ReadonlyMap<string, Point> {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 36, ranksep: 120, marginx: 24, marginy: 24 });
  graph.setDefaultEdgeLabel(() => ({}));
  const nodes = nodesOf(definition);
  for (const item of nodes) graph.setNode(item.key, { width: WIDTH, height: HEIGHT });
  for (const { key, value } of edgesOf(definition)) {
    const { source, target } = endsOf(value);
    if (graph.hasNode(source) && graph.hasNode(target)) graph.setEdge(source, target, {}, key);
  }
  layout(graph);
  return new Map(
    nodes.map((item) => {
      const { x, y } = graph.node(item.key) as Point;
      return [item.key, { x: x - WIDTH / 2, y: y - HEIGHT / 2 }];
    }),
  );
}

type Places = ReadonlyMap<string, Point>;

/**
 * Lays out as `settled` does, and anew only when nodes or edges have come or gone: what is typed into a node nobody has
 * placed moves nothing.
 */
export function settling(): (definition: Definition) => Definition {
  let last: { readonly shape: string; readonly places: Places } = { shape: "", places: new Map() };
  return (definition) => {
    if (!needsLayout(definition)) return definition;
    const shape = [...nodesOf(definition), ...edgesOf(definition)].map((item) => item.key).join("\n");
    if (shape !== last.shape) last = { shape, places: arranged(definition) };
    return move(definition, last.places);
  };
}

/** The definition with every node in a place of its own: laid out here where nobody has ever placed them. */
export function settled(definition: Definition): Definition {
  return needsLayout(definition) ? move(definition, arranged(definition)) : definition;
}
