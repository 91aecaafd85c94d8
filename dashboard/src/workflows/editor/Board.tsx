import {
  Background,
  type Connection,
  Controls,
  type EdgeChange,
  MiniMap,
  type NodeChange,
  ReactFlow,
  useReactFlow,
} from "@xyflow/react";
import { type DragEvent, memo } from "react";
import "@xyflow/react/dist/base.css";
import "./Canvas.css";
import type { Point } from "../definition/definition";
import type { CardNode, WireEdge } from "./graph";
import { DRAGGED } from "./NodePalette";
import { NODE_TYPES } from "./nodeTypes";
import { MANY } from "./picture";
import { FIT } from "./useAdding";

const SNAP: [number, number] = [8, 8];

interface BoardProps {
  readonly nodes: readonly CardNode[];
  readonly edges: readonly WireEdge[];
  readonly readOnly: boolean;
  readonly onNodes: (changes: readonly NodeChange<CardNode>[]) => void;
  readonly onEdges: (changes: readonly EdgeChange<WireEdge>[]) => void;
  readonly onConnect: (connection: Connection) => void;
  readonly onDelete: (gone: { nodes: readonly CardNode[]; edges: readonly WireEdge[] }) => void;
  readonly onAdd: (type: string, at: Point) => void;
}

/** The canvas itself, drawn anew only when a card or an edge looks different: it passes over everything that is on it. */
export const Board = memo(function Board(props: BoardProps) {
  const { nodes, edges, readOnly, onAdd } = props;
  const flow = useReactFlow();
  const onDrop = (event: DragEvent) => {
    const type = event.dataTransfer.getData(DRAGGED);
    if (type === "" || readOnly) return;
    event.preventDefault();
    onAdd(type, flow.screenToFlowPosition({ x: event.clientX - 104, y: event.clientY - 30 }));
  };
  return (
    <ReactFlow<CardNode, WireEdge>
      nodes={nodes as CardNode[]}
      edges={edges as WireEdge[]}
      nodeTypes={NODE_TYPES}
      onNodesChange={props.onNodes}
      onEdgesChange={props.onEdges}
      onConnect={props.onConnect}
      onBeforeDelete={isMeant}
      onDelete={props.onDelete}
      onDrop={onDrop}
      onDragOver={allow}
      deleteKeyCode={readOnly ? null : DELETE}
      multiSelectionKeyCode={MANY_KEYS}
      nodesDraggable={!readOnly}
      nodesConnectable={!readOnly}
      snapToGrid
      snapGrid={SNAP}
      minZoom={0.1}
      maxZoom={2}
      onlyRenderVisibleElements={nodes.length > MANY}
      fitView
      fitViewOptions={FIT}
    >
      <Background gap={16} />
      <Controls showInteractive={false} fitViewOptions={FIT} />
      <MiniMap pannable zoomable ariaLabel="Map of the workflow" />
    </ReactFlow>
  );
});

const DELETE = ["Delete", "Backspace"];
const MANY_KEYS = ["Meta", "Control"];

function allow(event: DragEvent): void {
  event.preventDefault();
}

/** Whether the Delete key was for the canvas: in a dialog or beside the canvas it is for what is there. */
async function isMeant(): Promise<boolean> {
  return !document.activeElement?.closest("dialog, aside, nav");
}
