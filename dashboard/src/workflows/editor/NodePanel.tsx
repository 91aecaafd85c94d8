import { Copy, Trash2 } from "lucide-react";
import { useCallback, useMemo } from "react";
import { Button } from "@/ui/Button";
import { copied, pasted } from "../definition/clip";
import { type Item, nameOf, remove, setField } from "../definition/definition";
import { textOf } from "../definition/json";
import { sourcesOf } from "../definition/names";
import { errorAt, problemsAt } from "../definition/places";
import { FormContext } from "../form/context";
import { Form } from "../form/Form";
import { fieldsOf } from "../form/fields";
import { iconOf } from "../icons";
import { Connections } from "./Connections";
import { useEditor } from "./context";
import { NodeSettings } from "./NodeSettings";
import { NodeTrial } from "./NodeTrial";
import style from "./Panel.module.css";
import { Placement } from "./Placement";
import { ProblemList } from "./ProblemList";

/** Everything about one node: its parameters, what it is connected to, how it is run, and trying it out. */
export function NodePanel({ item }: { item: Item }) {
  const { definition, manifests, problems, outputs, readOnly, edit } = useEditor();
  const type = textOf(item.value.type);
  const manifest = manifests.get(type) ?? null;
  const mine = useMemo(() => problemsAt(problems, "node", item.key), [problems, item.key]);
  const sources = useCallback(
    () => sourcesOf(definition, item.key, manifests, outputs),
    [definition, item.key, manifests, outputs],
  );
  const fields = useMemo(() => fieldsOf(manifest?.parameters), [manifest]);
  const scene = useMemo(
    () => ({ errorAt: (path: string) => errorAt(mine, path), sources, disabled: readOnly }),
    [mine, sources, readOnly],
  );
  const bare = useMemo(() => ({ ...scene, sources: null }), [scene]); // templates are read in parameters alone
  return (
    <FormContext value={scene}>
      <Head item={item} />
      {manifest === null && (
        <p className={style.away}>No machine has nodes of type “{type}” now. It is kept as it is.</p>
      )}
      {manifest?.description && <p className={style.about}>{manifest.description.split("\n")[0]}</p>}
      <ProblemList problems={mine} />
      <section className={style.part} aria-label="Parameters">
        {fields.length === 0 && manifest !== null && <p className={style.about}>It takes no parameters.</p>}
        <Form
          fields={manifest === null ? RAW : fields}
          value={manifest === null ? { parameters: item.value.parameters } : item.value.parameters}
          path={manifest === null ? "" : "parameters"}
          onChange={(next) => {
            const parameters = manifest === null ? next.parameters : next;
            edit((draft) => setField(draft, "nodes", item.index, ["parameters"], parameters), `parameters ${item.key}`);
          }}
        />
      </section>
      <Connections item={item} />
      <FormContext value={bare}>
        <NodeSettings item={item} />
        <NodeTrial item={item} />
      </FormContext>
      <Placement item={item} />
    </FormContext>
  );
}

const RAW = fieldsOf({ properties: { parameters: {} } });

function Head({ item }: { item: Item }) {
  const { definition, manifests, readOnly, edit, select } = useEditor();
  const manifest = manifests.get(textOf(item.value.type)) ?? null;
  const Icon = iconOf(manifest);
  function duplicate() {
    const copy = pasted(definition, copied(definition, new Set([item.key])));
    if (copy === null) return;
    edit(() => copy.definition);
    select(copy.keys);
  }
  return (
    <header className={style.head}>
      <Icon aria-hidden size={18} />
      <div>
        <h2>{nameOf(item.value)}</h2>
        <p className={style.about}>
          {manifest?.title ?? "unavailable"} · <code>{textOf(item.value.type)}</code>
        </p>
      </div>
      {!readOnly && (
        <>
          <Button kind="quiet" icon={Copy} aria-label="Duplicate" title="Duplicate" onClick={duplicate} />
          <Button
            kind="quiet"
            icon={Trash2}
            aria-label="Delete node"
            title="Delete (Del)"
            onClick={() => edit((draft) => remove(draft, new Set([item.key])))}
          />
        </>
      )}
    </header>
  );
}
