import { Plus, X } from "lucide-react";
import { Button } from "@/ui/Button";
import { INPUT_TYPES, type Input, inputsOf, withInput, withoutInput } from "../definition/inputs";
import { type Json, put } from "../definition/json";
import { FieldRow } from "../form/FieldRow";
import { NameInput } from "../form/NameInput";
import { useEditor } from "./context";
import style from "./Panel.module.css";

const RAW = {
  name: "inputs",
  title: "Inputs (JSON Schema)",
  description: "what a run is given; everything that JSON Schema can say",
  required: false,
  fallback: undefined,
  when: {},
  control: { kind: "json" },
} as const;

/** What a run is given: a table of names and types, and the JSON Schema itself for everything else. */
export function InputsEditor() {
  const { definition, edit, readOnly } = useEditor();
  const inputs = inputsOf(definition.inputs);
  const set = (value: Json | undefined) => edit((draft) => put(draft, ["inputs"], value) as typeof draft, "inputs");
  const change = (input: Input, before: string) => set(withInput(definition.inputs, input, before));
  const rest = { readOnly, change, remove: (name: string) => set(withoutInput(definition.inputs, name)) };
  return (
    <section className={style.part} aria-label="Inputs" data-field="inputs">
      <h3>Inputs</h3>
      {inputs?.length === 0 && <p className={style.about}>Runs are given nothing in particular.</p>}
      {inputs?.map((input) => (
        <Row key={input.name} input={input} {...rest} />
      ))}
      {inputs !== null && !readOnly && (
        <div className={style.pair}>
          <Button small icon={Plus} onClick={() => set(withInput(definition.inputs, fresh(inputs)))}>
            Add input
          </Button>
        </div>
      )}
      <details>
        <summary className={style.soft}>as JSON Schema</summary>
        <FieldRow field={RAW} value={definition.inputs} path="inputs" onChange={set} />
      </details>
    </section>
  );
}

interface RowProps {
  readonly input: Input;
  readonly readOnly: boolean;
  readonly change: (input: Input, before: string) => void;
  readonly remove: (name: string) => void;
}

function Row({ input, readOnly, change, remove }: RowProps) {
  const { name } = input;
  return (
    <div className={style.pair}>
      <NameInput
        name={name}
        label={`Name of input ${name}`}
        disabled={readOnly}
        onRename={(next) => next && change({ ...input, name: next }, name)}
      />
      <select
        aria-label={`Type of ${name}`}
        value={input.type}
        disabled={readOnly}
        onChange={(event) => change({ ...input, type: event.target.value }, name)}
      >
        {INPUT_TYPES.map((type) => (
          <option key={type}>{type}</option>
        ))}
      </select>
      <label>
        <input
          type="checkbox"
          checked={input.required}
          disabled={readOnly}
          onChange={(event) => change({ ...input, required: event.target.checked }, name)}
        />{" "}
        required
      </label>
      {!readOnly && (
        <Button kind="quiet" small icon={X} aria-label={`Remove input ${name}`} onClick={() => remove(name)} />
      )}
    </div>
  );
}

function fresh(inputs: readonly Input[]): Input {
  const taken = new Set(inputs.map((input) => input.name));
  let number = 1;
  while (taken.has(`input${number}`)) number++;
  return { name: `input${number}`, type: "string", required: false };
}
