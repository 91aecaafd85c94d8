import { X } from "lucide-react";
import { Button } from "@/ui/Button";
import { edgesOf, nodesOf } from "../definition/definition";
import { useEditor } from "./context";
import { EdgePanel } from "./EdgePanel";
import style from "./Editor.module.css";
import { ManyPanel } from "./ManyPanel";
import { NodePanel } from "./NodePanel";
import { WorkflowPanel } from "./WorkflowPanel";

/** What is selected, beside the canvas; on a phone a sheet above it. */
export function SidePanel({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { definition, selected } = useEditor();
  const nodes = nodesOf(definition).filter((item) => selected.has(item.key));
  const edges = edgesOf(definition).filter((item) => selected.has(item.key));
  const [node, edge] = [nodes[0], edges[0]];
  const many = nodes.length + edges.length > 1;
  return (
    <aside className={open ? `${style.side} ${style.open}` : style.side} aria-label="Details" tabIndex={-1}>
      <div className={style.closer}>
        <Button kind="quiet" icon={X} aria-label="Close details" onClick={onClose} />
      </div>
      {many && <ManyPanel />}
      {!many && node && <NodePanel key={node.key} item={node} />}
      {!many && !node && edge && <EdgePanel key={edge.key} item={edge} />}
      {!many && !node && !edge && <WorkflowPanel />}
    </aside>
  );
}
