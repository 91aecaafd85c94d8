import { useQuery } from "@tanstack/react-query";
import { type Item, renameNode } from "../definition/definition";
import { isObject, type JsonObject, put, textOf } from "../definition/json";
import { Form } from "../form/Form";
import { type FormField, fieldsOf } from "../form/fields";
import { NameInput } from "../form/NameInput";
import { definitionSchemaQuery } from "../queries";
import { useEditor } from "./context";
import style from "./Panel.module.css";

const ORDER = ["label", "on_error", "join", "timeout", "retry", "cache", "each", "requires", "disabled"];
const HINTS: Readonly<Record<string, string>> = {
  label: "names it in templates",
  on_error: "what follows when it has failed for good",
  join: "begin at the first live edge, or once all are decided",
  timeout: "seconds of one attempt",
  cache: "a younger result stands in for running it again",
  each: "run it once per item of a list",
  disabled: "it is passed over",
};

/** How a node is run, as the hub's own schema of a definition has it. */
export function NodeSettings({ item }: { item: Item }) {
  const { edit, select, readOnly } = useEditor();
  const schema = useQuery(definitionSchemaQuery).data;
  const fields = schema === undefined ? [] : settingsOf(schema);
  return (
    <details className={style.fold}>
      <summary>Settings</summary>
      <div className={style.choices} data-field="id">
        <span aria-hidden>id</span>
        <span className={style.pair}>
          <NameInput
            name={textOf(item.value.id)}
            label="Node id"
            disabled={readOnly}
            onRename={(id) => {
              edit((draft) => renameNode(draft, item.index, id));
              select([id]);
            }}
          />
        </span>
      </div>
      <Form
        fields={fields}
        value={item.value}
        path=""
        onChange={(next) =>
          edit((draft) => put(draft, ["nodes", item.index], next) as JsonObject, `settings ${item.key}`)
        }
      />
    </details>
  );
}

function settingsOf(schema: JsonObject): readonly FormField[] {
  const node = isObject(schema.$defs) ? schema.$defs.node : undefined;
  const found = new Map(fieldsOf(node, schema).map((field) => [field.name, field]));
  return ORDER.flatMap((name) => {
    const field = found.get(name);
    return field
      ? [{ ...field, description: field.description.startsWith("#") ? "" : (HINTS[name] ?? field.description) }]
      : [];
  });
}
