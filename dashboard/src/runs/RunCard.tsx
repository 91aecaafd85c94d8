import type { NodeProps } from "@xyflow/react";
import { Since } from "@/ui/Since";
import { Status } from "@/ui/Status";
import type { CardNode } from "@/workflows/editor/graph";
import { NodeCard } from "@/workflows/editor/NodeCard";
import { Progress } from "./Progress";
import style from "./RunCard.module.css";
import { useRunScene } from "./runContext";
import { baseOf, questionOf } from "./shapes";

/** A node on the canvas of a run: the editor's card, and how it stands. */
export function RunCard(props: NodeProps<CardNode>) {
  const { nodes, chosen } = useRunScene();
  const node = nodes.get(props.id);
  return (
    <div className={style.node} data-node={props.id}>
      <NodeCard {...props} selected={chosen !== null && baseOf(chosen) === props.id} />
      <div className={style.state}>
        {node ? (
          <>
            <Status of={node.status} />
            {node.attempt > 1 && <span>attempt {node.attempt}</span>}
            {questionOf(node) && <span>asks you</span>}
            <span className={style.since}>
              <Since at={node.since} />
            </span>
            {node.progress && <Progress done={node.progress.done} text={node.progress.text} />}
          </>
        ) : (
          <Status of="pending" />
        )}
      </div>
    </div>
  );
}
