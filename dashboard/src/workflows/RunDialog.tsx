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
import type { DraftStore } from "./editor/draft";
import { FieldRow } from "./form/FieldRow";
import { Form } from "./form/Form";
import { fieldsOf } from "./form/fields";
import { manifestsQuery, startRun, versionQuery } from "./queries";
import type { WorkflowDetail } from "./shapes";
import { pinnedIn } from "./trial";
import style from "./WorkflowsPage.module.css";

interface RunDialogProps {
  readonly workflow: WorkflowDetail;
  readonly draft: DraftStore;
  /** Whether the draft is what somebody looks at, so that it is what is meant. */
  readonly onDraft: boolean;
  readonly onClose: () => void;
}

/** Begins a run of the published version, or tries out the draft: what it is given, and where it begins. */
export function RunDialog({ workflow, draft, onDraft, onClose }: RunDialogProps) {
  const number = workflow.version ?? 0;
  const differs = number === 0 || workflow.changed || draft.dirty;
  const [tries, setTries] = useState(number === 0 || (onDraft && differs));
  const version = useQuery({ ...versionQuery(workflow.id, number), enabled: number > 0 });
  const form = (definition: Definition) => (
    <RunForm key={String(tries)} workflow={workflow} draft={tries ? draft : null} {...{ definition, onClose }} />
  );
  return (
    <Dialog title={tries ? "Try out the draft" : `Run version ${number}`} onClose={onClose}>
      {number > 0 && differs && <What number={number} tries={tries} onChoose={setTries} />}
      {tries ? (
        <>
          <p className={style.soft}>A test run of the draft as it is now. Nothing is published by it.</p>
          {form(draft.snapshot().history.now)}
        </>
      ) : (
        <Loaded query={version}>{(found) => form(found.definition ?? {})}</Loaded>
      )}
    </Dialog>
  );
}

interface WhatProps {
  readonly number: number;
  readonly tries: boolean;
  readonly onChoose: (tries: boolean) => void;
}

function What({ number, tries, onChoose }: WhatProps) {
  return (
    <fieldset className={style.what}>
      <legend>What is run</legend>
      <label>
        <input type="radio" name="what" checked={tries} onChange={() => onChoose(true)} /> the draft as it is now
      </label>
      <label>
        <input type="radio" name="what" checked={!tries} onChange={() => onChoose(false)} /> version {number}, which is
        published
      </label>
    </fieldset>
  );
}

interface RunFormProps extends Pick<RunDialogProps, "workflow" | "onClose"> {
  readonly definition: Definition;
  /** The draft, where that is tried out. */
  readonly draft: DraftStore | null;
}

function RunForm({ workflow, draft, definition, onClose }: RunFormProps) {
  const manifests = useQuery(manifestsQuery).data;
  const triggers = nodesOf(definition).filter(({ value }) => manifests?.get(textOf(value.type))?.trigger);
  const [inputs, setInputs] = useState<Json | undefined>(undefined);
  const [trigger, setTrigger] = useState("");
  const pins = pinnedIn(definition);
  const [usePins, setUsePins] = useState(true);
  const navigate = useNavigate();
  const run = useAction({
    run: async () =>
      startRun(workflow.id, {
        ...(draft ? { draft: true, if_unchanged_since: await draft.saved() } : {}),
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
          {draft ? "Try it out" : "Run"}
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
