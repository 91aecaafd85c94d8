import { Background, Controls, ReactFlow } from "@xyflow/react";
import { type KeyboardEvent, useMemo } from "react";
import "@xyflow/react/dist/base.css";
import "@/workflows/editor/Canvas.css";
import { useQuery } from "@tanstack/react-query";
import { Loaded } from "@/ui/Loaded";
import type { Definition } from "@/workflows/definition/definition";
import { cardsOf, NO_MARKS } from "@/workflows/editor/graph";
import { settled } from "@/workflows/editor/layout";
import { manifestsQuery } from "@/workflows/queries";
import { definitionQuery, edgesQuery } from "./queries";
import { RunCard } from "./RunCard";
import style from "./RunGraph.module.css";
import { RunContext } from "./runContext";
import type { RunWhole } from "./shapes";
import { trailOf } from "./trail";

const TYPES = { card: RunCard };
const FIT = { padding: 0.06, minZoom: 0.4, maxZoom: 1 };

interface RunGraphProps {
  readonly run: RunWhole;
  readonly node: string | null;
  readonly onChoose: (key: string) => void;
}

/** The graph of what the run is of, with how each node stands and which edges were taken. */
export default function RunGraph(props: RunGraphProps) {
  const definition = useQuery(definitionQuery(props.run.id));
  return <Loaded query={definition}>{(found) => <Picture {...props} definition={found} />}</Loaded>;
}

function Picture({ run, node, onChoose, definition }: RunGraphProps & { definition: Definition }) {
  const manifests = useQuery(manifestsQuery).data;
  const steps = useQuery(edgesQuery(run.id)).data;
  const placed = useMemo(() => settled(definition), [definition]);
  const cards = useMemo(() => [...cardsOf(placed, manifests ?? new Map(), NO_MARKS)], [placed, manifests]);
  const edges = useMemo(() => [...trailOf(placed, steps ?? [])], [placed, steps]);
  const scene = useMemo(
    () => ({ nodes: new Map(run.nodes.map((it) => [it.key, it])), chosen: node }),
    [run.nodes, node],
  );
  function onKey(event: KeyboardEvent) {
    if (event.key !== "Enter" && event.key !== " ") return;
    const id = (event.target as HTMLElement).closest<HTMLElement>(".react-flow__node")?.dataset.id;
    if (id) onChoose(id);
  }
  return (
    <RunContext value={scene}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the nodes inside take the focus */}
      <div className={style.graph} onKeyDown={onKey}>
        <ReactFlow
          key={manifests?.size ?? 0}
          defaultNodes={cards}
          edges={edges}
          nodeTypes={TYPES}
          onNodeClick={(_, it) => onChoose(it.id)}
          nodesDraggable={false}
          nodesConnectable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          deleteKeyCode={null}
          minZoom={0.1}
          fitView
          fitViewOptions={FIT}
        >
          <Background gap={16} />
          <Controls showInteractive={false} fitViewOptions={FIT} />
        </ReactFlow>
      </div>
      <p className={style.legend}>
        <span data-of="taken">taken</span>
        <span data-of="skipped">not taken</span>
        <span data-of="open">not decided yet</span>
      </p>
    </RunContext>
  );
}
