import { Since } from "@/ui/Since";
import { Status } from "@/ui/Status";
import style from "./NodeList.module.css";
import { type NodeView, questionOf } from "./shapes";
import { byTurn, reasonOf } from "./words";

/** Every node of the run: the same as the picture, for those who read. */
export function NodeList({ nodes, onChoose }: { nodes: readonly NodeView[]; onChoose: (key: string) => void }) {
  return (
    <ul className={style.nodes}>
      {byTurn(nodes).map((node) => (
        <li key={node.key}>
          <button type="button" data-row onClick={() => onChoose(node.key)}>
            <span className={style.name}>{node.key}</span>
            <Status of={node.status} />
            <span className={style.why}>
              {questionOf(node) ? "asks for your word" : reasonOf(node)}
              {node.attempt > 1 && ` · attempt ${node.attempt}`}
            </span>
            <span className={style.since}>
              <Since at={node.since} />
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
