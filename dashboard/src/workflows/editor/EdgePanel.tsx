import { Trash2, Waypoints } from "lucide-react";
import { useId } from "react";
import { Button } from "@/ui/Button";
import { BLANK } from "../definition/condition";
import { endsOf, type Item, nameOf, nodesOf, remove, setGate } from "../definition/definition";
import { type Json, type JsonObject, put, textOf } from "../definition/json";
import { schemaPaths, valuePaths } from "../definition/names";
import { problemsAt } from "../definition/places";
import { ConditionEditor } from "./ConditionEditor";
import { useEditor } from "./context";
import { outsOf } from "./graph";
import style from "./Panel.module.css";
import { ProblemList } from "./ProblemList";

type Gate = "always" | "condition" | "otherwise";
const GATES: Readonly<Record<Gate, string>> = {
  always: "Always",
  condition: "On a condition",
  otherwise: "Where no other edge's condition holds",
};

/** Everything about one edge: where it begins, and when it leads on. */
export function EdgePanel({ item }: { item: Item }) {
  const { definition, problems, readOnly, edit } = useEditor();
  const ends = endsOf(item.value);
  const names = new Map(nodesOf(definition).map((node) => [node.key, nameOf(node.value)]));
  const change = (edge: JsonObject, kind: string | null = null) =>
    edit((draft) => put(draft, ["edges", item.index], edge) as JsonObject, kind);
  return (
    <>
      <header className={style.head}>
        <Waypoints aria-hidden size={18} />
        <div>
          <h2>
            {names.get(ends.source) ?? ends.source} → {names.get(ends.target) ?? ends.target}
          </h2>
          {item.value.part === true && (
            <p className={style.about}>A part of the node it leads to, no step before it.</p>
          )}
        </div>
        {!readOnly && (
          <Button
            kind="quiet"
            icon={Trash2}
            aria-label="Delete edge"
            title="Delete (Del)"
            onClick={() => edit((draft) => remove(draft, new Set([item.key])))}
          />
        )}
      </header>
      <ProblemList problems={problemsAt(problems, "edge", item.key)} />
      <FromHandle item={item} onChange={change} />
      <GateChoice item={item} onChange={change} />
    </>
  );
}

interface PartProps {
  readonly item: Item;
  readonly onChange: (edge: JsonObject, kind?: string | null) => void;
}

function FromHandle({ item, onChange }: PartProps) {
  const { definition, manifests, readOnly, select } = useEditor();
  const id = useId();
  const ends = endsOf(item.value);
  const source = nodesOf(definition).find((node) => node.key === ends.source);
  const manifest = manifests.get(textOf(source?.value.type)) ?? null;
  const outs = source ? outsOf(source.value, manifest, new Set([ends.source_handle])) : [ends.source_handle];
  if (outs.length < 2) return null;
  function choose(handle: string) {
    onChange({ ...item.value, source_handle: handle });
    select([`${ends.source}.${handle}→${ends.target}.${ends.target_handle}`]);
  }
  return (
    <div className={style.pair}>
      <label htmlFor={id}>From output</label>
      <select id={id} value={ends.source_handle} disabled={readOnly} onChange={(event) => choose(event.target.value)}>
        {outs.map((out) => (
          <option key={out}>{out}</option>
        ))}
      </select>
    </div>
  );
}

function GateChoice({ item, onChange }: PartProps) {
  const { definition, manifests, outputs, readOnly } = useEditor();
  const name = useId();
  const condition = item.value.condition ?? undefined;
  const gate: Gate = condition !== undefined ? "condition" : item.value.otherwise === true ? "otherwise" : "always";
  const source = nodesOf(definition).find((node) => node.key === endsOf(item.value).source)?.value;
  const known = source?.pinned ?? outputs.get(endsOf(item.value).source);
  const paths =
    known === undefined || known === null
      ? schemaPaths(manifests.get(textOf(source?.type))?.result)
      : valuePaths(known);
  const choose = (next: Gate) => onChange(setGate(item.value, next === "condition" ? (condition ?? BLANK) : next));
  return (
    <>
      <fieldset className={style.choices} disabled={readOnly}>
        <legend>Leads on</legend>
        {(Object.keys(GATES) as Gate[]).map((each) => (
          <label key={each}>
            <input type="radio" name={name} checked={gate === each} onChange={() => choose(each)} />
            {GATES[each]}
          </label>
        ))}
      </fieldset>
      {condition !== undefined && (
        <ConditionEditor
          condition={condition}
          paths={paths}
          disabled={readOnly}
          onChange={(next: Json | null) => onChange(setGate(item.value, next ?? "always"), `condition ${item.key}`)}
        />
      )}
    </>
  );
}
