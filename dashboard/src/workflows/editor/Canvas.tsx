import type { Connection, EdgeChange, NodeChange } from "@xyflow/react";
import { useCallback } from "react";
import { connect, type Ends } from "../definition/definition";
import { Board } from "./Board";
import { useEditor } from "./context";
import type { CardNode, WireEdge } from "./graph";
import { useAdding } from "./useAdding";
import { useFlow } from "./useFlow";

type Changes = readonly (NodeChange<CardNode> | EdgeChange<WireEdge>)[];

/** The draft as a graph: nodes are moved, connected and removed here. */
export function Canvas() {
  const { edit, readOnly, select } = useEditor();
  const { nodes, edges, take, drop } = useFlow();
  const add = useAdding();
  const choose = useCallback(
    (changes: Changes) => {
      const picks = changes.filter((it) => it.type === "select");
      if (picks.length === 0) return;
      select((before) => {
        const off = new Set(picks.filter((it) => !it.selected).map((it) => it.id));
        return [...[...before].filter((key) => !off.has(key)), ...picks.filter((it) => it.selected).map((it) => it.id)];
      });
    },
    [select],
  );
  const onNodes = useCallback(
    (changes: readonly NodeChange<CardNode>[]) => {
      choose(changes);
      take(changes);
    },
    [choose, take],
  );
  const onConnect = useCallback((it: Connection) => edit((draft) => connect(draft, endsFrom(it))), [edit]);
  return (
    <Board
      nodes={nodes}
      edges={edges}
      readOnly={readOnly}
      onNodes={onNodes}
      onEdges={choose}
      onConnect={onConnect}
      onDelete={drop}
      onAdd={add}
    />
  );
}

function endsFrom({ source, target, sourceHandle, targetHandle }: Connection): Ends {
  return { source, target, source_handle: sourceHandle ?? "main", target_handle: targetHandle ?? "main" };
}
