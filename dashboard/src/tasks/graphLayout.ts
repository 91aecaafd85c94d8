import { Graph as Dag, layout } from "@dagrejs/dagre";
import type { Card, Dependency } from "./shapes";

export const NODE = { width: 220, height: 74 };

/** Where each task stands when upstream tasks stand to the left of those that wait for them. */
export function placed(
  nodes: readonly Card[],
  edges: readonly Dependency[],
): ReadonlyMap<string, { x: number; y: number }> {
  const dag = new Dag();
  dag.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 70 });
  dag.setDefaultEdgeLabel(() => ({}));
  const known = new Set(nodes.map((node) => node.id));
  for (const node of nodes) dag.setNode(node.id, { ...NODE });
  for (const edge of edges) {
    if (known.has(edge.task_id) && known.has(edge.depends_on_task_id))
      dag.setEdge(edge.depends_on_task_id, edge.task_id);
  }
  layout(dag);
  return new Map(
    nodes.map(({ id }) => {
      const { x, y } = dag.node(id) as { x: number; y: number };
      return [id, { x: x - NODE.width / 2, y: y - NODE.height / 2 }];
    }),
  );
}
