import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import {
  Background,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  MiniMap,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import { useMemo } from "react";
import "@xyflow/react/dist/style.css";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { Status } from "@/ui/Status";
import type { CardFilter } from "./cards";
import style from "./Graph.module.css";
import { NODE, placed } from "./graphLayout";
import { narrowed } from "./narrowed";
import { graphQuery } from "./queries";
import type { Card, Dependency } from "./shapes";

type TaskNode = Node<{ card: Card }, "task">;

/** How tasks hang together: who waits for whom, and which contracts travel. */
export default function Graph({ filter }: { filter: CardFilter }) {
  return (
    <Loaded query={useQuery(graphQuery(filter))}>
      {({ cut, ...all }) => {
        const { nodes, edges } = narrowed(all.nodes, all.edges, filter);
        return nodes.length === 0 ? (
          <Empty title="No tasks here." cli="corral demo" />
        ) : (
          <div className={style.graph}>
            {cut && <p className={style.cut}>There are more tasks than are drawn: narrow them down.</p>}
            <Drawn nodes={nodes} edges={edges} />
          </div>
        );
      }}
    </Loaded>
  );
}

function Drawn({ nodes, edges }: { nodes: readonly Card[]; edges: readonly Dependency[] }) {
  const navigate = useNavigate();
  const drawn = useMemo(() => {
    const at = placed(nodes, edges);
    return nodes.map((card): TaskNode => {
      const position = at.get(card.id) ?? { x: 0, y: 0 };
      return {
        id: card.id,
        type: "task",
        position,
        data: { card },
        ...NODE,
        ariaLabel: `${card.title}, ${card.status}`,
      };
    });
  }, [nodes, edges]);
  const lines = useMemo(() => edges.map(line), [edges]);
  return (
    <ReactFlow
      nodes={drawn}
      edges={lines}
      nodeTypes={TYPES}
      colorMode={colorMode()}
      nodesDraggable={false}
      nodesConnectable={false}
      minZoom={0.05}
      fitView
      fitViewOptions={{ maxZoom: 1 }}
      onNodeClick={(_, node) => void navigate({ to: "/tasks/$task", params: { task: node.id } })}
      proOptions={{ hideAttribution: true }}
    >
      <Background />
      <Controls showInteractive={false} />
      <MiniMap pannable zoomable ariaLabel="Overview of the graph" />
    </ReactFlow>
  );
}

function colorMode(): "light" | "dark" | "system" {
  return (document.documentElement.dataset.theme as "light" | "dark" | undefined) ?? "system";
}

function line(edge: Dependency): Edge {
  return {
    id: edge.id,
    source: edge.depends_on_task_id,
    target: edge.task_id,
    animated: !edge.resolved && edge.dependency_type !== "related",
    markerEnd: { type: MarkerType.ArrowClosed },
    ...(edge.contract_key && { label: `${edge.contract_key}${edge.resolved ? " ✓" : ""}` }),
    ...(edge.dependency_type === "related" && { style: { strokeDasharray: "4 4" } }),
  };
}

function TaskBox({ data: { card } }: NodeProps<TaskNode>) {
  return (
    <div className={style.node}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <span className={style.title}>{card.title}</span>
      <span className={style.foot}>
        <Status of={card.status} />
        <Since at={card.since} />
      </span>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}

const TYPES = { task: TaskBox };
