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
import { type DragEvent, useMemo } from "react";
import "@xyflow/react/dist/base.css";
import "./Canvas.css";
import { connect, type Ends } from "../definition/definition";
import { useEditor } from "./context";
import type { CardNode, WireEdge } from "./graph";
import { DRAGGED } from "./NodePalette";
import { NODE_TYPES } from "./nodeTypes";
import { FIT, useAdding } from "./useAdding";
import { MANY, useFlow } from "./useFlow";

const SNAP: [number, number] = [8, 8];

/** The draft as a graph: nodes are moved, connected and removed here. */
export function Canvas() {
  const { edit, readOnly, select } = useEditor();
  const { nodes, edges, take, drop } = useFlow();
  const add = useAdding();
  const flow = useReactFlow();
  const onDrop = (event: DragEvent) => {
    const type = event.dataTransfer.getData(DRAGGED);
    if (type === "" || readOnly) return;
    event.preventDefault();
    add(type, flow.screenToFlowPosition({ x: event.clientX - 104, y: event.clientY - 30 }));
  };
  const choose = (changes: readonly (NodeChange<CardNode> | EdgeChange<WireEdge>)[]) => {
    const picks = changes.filter((it) => it.type === "select");
    if (picks.length === 0) return;
    select((before) => {
      const off = new Set(picks.filter((it) => !it.selected).map((it) => it.id));
      return [...[...before].filter((key) => !off.has(key)), ...picks.filter((it) => it.selected).map((it) => it.id)];
    });
  };
  const locked = useMemo(() => ({ nodesDraggable: !readOnly, nodesConnectable: !readOnly }), [readOnly]);
  return (
    <ReactFlow<CardNode, WireEdge>
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      onNodesChange={(changes) => {
        choose(changes);
        take(changes);
      }}
      onEdgesChange={choose}
      onConnect={(it) => edit((draft) => connect(draft, endsFrom(it)))}
      onBeforeDelete={isMeant}
      onDelete={drop}
      onDrop={onDrop}
      onDragOver={(event) => event.preventDefault()}
      deleteKeyCode={readOnly ? null : ["Delete", "Backspace"]}
      multiSelectionKeyCode={["Meta", "Control"]}
      snapToGrid
      snapGrid={SNAP}
      minZoom={0.1}
      maxZoom={2}
      onlyRenderVisibleElements={nodes.length > MANY}
      fitView
      fitViewOptions={FIT}
      {...locked}
    >
      <Background gap={16} />
      <Controls showInteractive={false} fitViewOptions={FIT} />
      <MiniMap pannable zoomable ariaLabel="Map of the workflow" />
    </ReactFlow>
  );
}

/** Whether the Delete key was for the canvas: in a dialog or beside the canvas it is for what is there. */
async function isMeant(): Promise<boolean> {
  return !document.activeElement?.closest("dialog, aside, nav");
}

function endsFrom({ source, target, sourceHandle, targetHandle }: Connection): Ends {
  return { source, target, source_handle: sourceHandle ?? "main", target_handle: targetHandle ?? "main" };
}
