import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { type Definition, nameOf, nodesOf } from "./definition/definition";
import { isObject, type Json, textOf } from "./definition/json";
import { FieldRow } from "./form/FieldRow";
import { Form } from "./form/Form";
import { fieldsOf } from "./form/fields";
import { manifestsQuery, startRun, versionQuery } from "./queries";
import type { WorkflowDetail } from "./shapes";
import { pinnedIn } from "./trial";
import style from "./WorkflowsPage.module.css";

interface RunDialogProps {
  readonly workflow: WorkflowDetail;
  readonly onClose: () => void;
}

/** Begins a run of the published version: what it is given, and where it begins. */
export function RunDialog({ workflow, onClose }: RunDialogProps) {
  const number = workflow.version ?? 0;
  const version = useQuery({ ...versionQuery(workflow.id, number), enabled: number > 0 });
  return (
    <Dialog title={number > 0 ? `Run version ${number}` : "Run"} onClose={onClose}>
      {number > 0 ? (
        <Loaded query={version}>
          {(found) => <RunForm workflow={workflow} definition={found.definition ?? {}} onClose={onClose} />}
        </Loaded>
      ) : (
        <p>Nothing is published yet, and a run is bound to a version: publish the draft first.</p>
      )}
    </Dialog>
  );
}

function RunForm({ workflow, definition, onClose }: RunDialogProps & { definition: Definition }) {
  const manifests = useQuery(manifestsQuery).data;
  const triggers = nodesOf(definition).filter(({ value }) => manifests?.get(textOf(value.type))?.trigger);
  const [inputs, setInputs] = useState<Json | undefined>(undefined);
  const [trigger, setTrigger] = useState("");
  const pins = pinnedIn(definition);
  const [usePins, setUsePins] = useState(true);
  const navigate = useNavigate();
  const run = useAction({
    run: () =>
      startRun(workflow.id, {
        ...(inputs === undefined ? {} : { inputs }),
        ...(trigger ? { trigger } : {}),
        pinned: usePins ? pins : {},
      }),
    touches: [
      ["runs", "list"],
      ["workflows", "list"],
    ],
    onDone: (started) => void navigate({ to: "/runs/$run", params: { run: started.id } }),
  });
  return (
    <form
      className={style.form}
      onSubmit={(event) => {
        event.preventDefault();
        run.mutate();
      }}
    >
      {workflow.changed && (
        <p className={style.soft}>The draft differs from what runs: it has to be published first to count.</p>
      )}
      <Inputs schema={definition.inputs} value={inputs} onChange={setInputs} />
      {triggers.length > 1 && (
        <Field label="Begin at">
          {(control) => (
            <select {...control} value={trigger} onChange={(event) => setTrigger(event.target.value)}>
              <option value="">the manual trigger, or the first</option>
              {triggers.map((it) => (
                <option key={it.key} value={it.key}>
                  {nameOf(it.value)}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {Object.keys(pins).length > 0 && (
        <label>
          <input type="checkbox" checked={usePins} onChange={(event) => setUsePins(event.target.checked)} /> take pinned
          outputs instead of running: {Object.keys(pins).join(", ")}
        </label>
      )}
      <div className={style.buttons}>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" busy={run.isPending}>
          Run
        </Button>
      </div>
    </form>
  );
}

const ANY = {
  name: "inputs",
  title: "Inputs",
  description: "what the run is given, as JSON; may stay empty",
  required: false,
  fallback: undefined,
  when: {},
  control: { kind: "json" },
} as const;

function Inputs({
  schema,
  value,
  onChange,
}: {
  schema: Json | undefined;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}) {
  const fields = fieldsOf(schema);
  if (isObject(schema) && fields.length > 0) return <Form fields={fields} value={value} onChange={onChange} path="" />;
  return <FieldRow field={ANY} value={value} onChange={onChange} path="" />;
}
