import { Handle, type NodeProps, Position } from "@xyflow/react";
import { CircleAlert, CircleSlash, Pin, TriangleAlert, Unplug } from "lucide-react";
import { memo } from "react";
import { iconOf } from "../icons";
import { ChangeMark } from "../publish/ChangeMark";
import type { CardData, CardNode } from "./graph";
import style from "./NodeCard.module.css";

/** A node on the canvas: what it is, what is wrong with it, and where its edges begin and end. */
export const NodeCard = memo(function NodeCard({ data, selected }: NodeProps<CardNode>) {
  const Icon = iconOf(data.manifest);
  const names = [style.card, selected && style.selected, data.errors > 0 && style.wrong, data.off && style.off];
  return (
    <div className={names.filter(Boolean).join(" ")} data-change={data.change ?? undefined}>
      <Ins names={data.ins} />
      <span className={style.icon}>
        <Icon aria-hidden size={16} />
      </span>
      <span className={style.text}>
        <strong title={data.title}>{data.title}</strong>
        <span>{data.manifest?.title || data.type}</span>
      </span>
      <Badges data={data} />
      <Outs names={data.outs} />
    </div>
  );
});

function Ins({ names }: { names: readonly string[] }) {
  return (
    <>
      {names.map((name, index) => (
        <Handle
          key={name}
          id={name}
          type="target"
          position={Position.Left}
          title={name === "main" ? "Edges in" : name}
          style={{ top: `${((index + 1) / (names.length + 1)) * 100}%` }}
        />
      ))}
    </>
  );
}

function Outs({ names }: { names: readonly string[] }) {
  if (names.length === 1)
    return <Handle id={names[0] ?? "main"} type="source" position={Position.Right} title={names[0]} />;
  return (
    <ul className={style.outs}>
      {names.map((name) => (
        <li key={name}>
          <span title={name}>{name}</span>
          <Handle id={name} type="source" position={Position.Right} title={name} />
        </li>
      ))}
    </ul>
  );
}

function Badges({ data }: { data: CardData }) {
  return (
    <span className={style.badges}>
      {data.change && <ChangeMark change={data.change} short />}
      {data.pinned && <Pin role="img" aria-label="Output pinned" size={13} />}
      {data.off && <CircleSlash role="img" aria-label="Disabled" size={13} />}
      {data.manifest === null && <Unplug role="img" aria-label="No machine has this type" size={14} />}
      {data.errors > 0 && (
        <CircleAlert role="img" aria-label={`${data.errors} problems`} size={14} className={style.bad} />
      )}
      {data.errors === 0 && data.warnings > 0 && (
        <TriangleAlert role="img" aria-label={`${data.warnings} warnings`} size={14} className={style.warn} />
      )}
    </span>
  );
}
