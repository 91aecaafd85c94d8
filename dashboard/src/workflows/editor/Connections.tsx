import { ArrowRight, X } from "lucide-react";
import { memo, useCallback, useState } from "react";
import { Button } from "@/ui/Button";
import { connect, edgesOf, endsOf, type Item, nameOf, nodesOf, remove } from "../definition/definition";
import { textOf } from "../definition/json";
import { useEditor } from "./context";
import { gateText, outsOf } from "./graph";
import { useKept } from "./keeping";
import style from "./Panel.module.css";

/** Where a node leads to: its edges, and a way to connect it without a mouse. */
export function Connections({ item }: { item: Item }) {
  const { definition, select, edit, readOnly } = useEditor();
  const names = new Map(nodesOf(definition).map((node) => [node.key, nameOf(node.value)]));
  const edges = edgesOf(definition).filter(({ value }) => endsOf(value).source === item.key);
  return (
    <section className={style.part} aria-label="Leads to">
      <h3>Leads to</h3>
      {edges.length === 0 && <p className={style.about}>Nothing: a run ends here.</p>}
      <ul className={style.links}>
        {edges.map(({ key, value }) => {
          const ends = endsOf(value);
          const said = [ends.source_handle !== "main" && ends.source_handle, gateText(value)]
            .filter(Boolean)
            .join(", ");
          return (
            <li key={key}>
              <button type="button" className={style.link} onClick={() => select([key])} title="Edit this edge">
                <ArrowRight aria-hidden size={14} />
                {names.get(ends.target) ?? ends.target}
              </button>
              {said && <span className={style.soft}>{said}</span>}
              {!readOnly && (
                <Button
                  kind="quiet"
                  small
                  icon={X}
                  aria-label={`Disconnect ${names.get(ends.target) ?? ends.target}`}
                  onClick={() => edit((draft) => remove(draft, new Set([key])))}
                />
              )}
            </li>
          );
        })}
      </ul>
      {!readOnly && <ConnectTo item={item} />}
    </section>
  );
}

function ConnectTo({ item }: { item: Item }) {
  const { definition, manifests, edit } = useEditor();
  const manifest = manifests.get(textOf(item.value.type)) ?? null;
  const outs = outsOf(item.value, manifest, undefined);
  const [handle, setHandle] = useState("main");
  const from = outs.includes(handle) ? handle : (outs[0] ?? "main");
  const others = useKept(
    nodesOf(definition)
      .filter((node) => node.key !== item.key && !manifests.get(textOf(node.value.type))?.trigger)
      .map((node) => ({ id: node.key, name: nameOf(node.value) })),
  );
  const link = useCallback(
    (target: string) =>
      edit((draft) => connect(draft, { source: item.key, target, source_handle: from, target_handle: "main" })),
    [edit, item.key, from],
  );
  if (others.length === 0) return null;
  return (
    <div className={style.pair}>
      {outs.length > 1 && (
        <select aria-label="From output" value={from} onChange={(event) => setHandle(event.target.value)}>
          {outs.map((out) => (
            <option key={out}>{out}</option>
          ))}
        </select>
      )}
      <Targets others={others} onChoose={link} />
    </div>
  );
}

interface TargetsProps {
  readonly others: readonly { readonly id: string; readonly name: string }[];
  readonly onChoose: (key: string) => void;
}

/** The nodes that an edge can lead to, of which there may be hundreds. */
const Targets = memo(function Targets({ others, onChoose }: TargetsProps) {
  return (
    <select aria-label="Connect to" value="" onChange={(event) => event.target.value && onChoose(event.target.value)}>
      <option value="">Connect to…</option>
      {others.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
});
