import { Background, ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import "../editor/Canvas.css";
import { useQuery } from "@tanstack/react-query";
import type { Definition } from "../definition/definition";
import { difference } from "../definition/diff";
import { cardsOf, type Marks, wiresOf } from "../editor/graph";
import { settled } from "../editor/layout";
import { NODE_TYPES } from "../editor/nodeTypes";
import { FIT } from "../editor/useAdding";
import { manifestsQuery } from "../queries";
import { union } from "./union";

/** Both definitions in one picture: what was added, changed and removed is marked. */
export default function DifferencePicture({ before, after }: { before: Definition; after: Definition }) {
  const manifests = useQuery(manifestsQuery).data ?? new Map();
  const found = difference(before, after);
  const changes = new Map([...found.nodes, ...found.edges].map((item) => [item.key, item.change]));
  const marks: Marks = { errors: new Map(), warnings: new Map(), changes };
  const both = settled(union(before, after));
  const wires = wiresOf(both, marks).map((wire) => ({ ...wire, className: changes.get(wire.id) ?? "" }));
  return (
    <ReactFlow
      key={manifests.size}
      defaultNodes={[...cardsOf(both, manifests, marks)]}
      defaultEdges={wires}
      nodeTypes={NODE_TYPES}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      minZoom={0.1}
      fitView
      fitViewOptions={FIT}
    >
      <Background />
    </ReactFlow>
  );
}
