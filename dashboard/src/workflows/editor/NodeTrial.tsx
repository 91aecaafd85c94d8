import { useNavigate } from "@tanstack/react-router";
import { FlaskConical, Pin, PinOff } from "lucide-react";
import { useMayWrite } from "@/login/queries";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { type Item, setField } from "../definition/definition";
import type { Json } from "../definition/json";
import { textOf } from "../definition/json";
import { FieldRow } from "../form/FieldRow";
import { startRun } from "../queries";
import { isPinned, startOfOne } from "../trial";
import { useEditor } from "./context";
import style from "./Panel.module.css";

const PINNED = {
  name: "pinned",
  title: "Pinned output",
  description: "stands in for running the node when somebody tries the workflow out; runs of triggers do not read it",
  required: false,
  fallback: undefined,
  when: {},
  control: { kind: "json" },
} as const;

/** Trying a node out: what it put out last, an output that is pinned, and running it alone. */
export function NodeTrial({ item }: { item: Item }) {
  const { outputs, edit, readOnly } = useEditor();
  const last = outputs.get(item.key);
  const pin = (value: Json | undefined) =>
    edit((draft) => setField(draft, "nodes", item.index, ["pinned"], value), `pin ${item.key}`);
  return (
    <details className={style.fold} open={isPinned(item.value)}>
      <summary>Try it out</summary>
      {!readOnly && (
        <div className={style.pair}>
          <RunNode item={item} />
          {last !== undefined && last !== null && (
            <Button small icon={Pin} onClick={() => pin(last)}>
              Pin its last output
            </Button>
          )}
          {isPinned(item.value) && (
            <Button small icon={PinOff} onClick={() => pin(undefined)}>
              Unpin
            </Button>
          )}
        </div>
      )}
      <FieldRow field={PINNED} value={item.value.pinned} path="pinned" onChange={pin} />
      <p className={style.soft}>
        {last === undefined
          ? "It has put out nothing in the last run."
          : `Last output: ${JSON.stringify(last)?.slice(0, 400)}`}
      </p>
    </details>
  );
}

function RunNode({ item }: { item: Item }) {
  const { workflow, definition, outputs, manifests } = useEditor();
  const navigate = useNavigate();
  const mayWrite = useMayWrite();
  const run = useAction({
    run: () => startRun(workflow.id, startOfOne(definition, item.key, outputs, manifests)),
    touches: [
      ["runs", "list"],
      ["workflows", "list"],
    ],
    onDone: (started) => void navigate({ to: "/runs/$run", params: { run: started.id } }),
  });
  if (!mayWrite || manifests.get(textOf(item.value.type))?.trigger) return null;
  return (
    <>
      <Button
        small
        icon={FlaskConical}
        busy={run.isPending}
        disabled={workflow.version === null}
        title="The other nodes give what is pinned, or what they put out last"
        onClick={() => run.mutate()}
      >
        Run this node
      </Button>
      <span className={style.soft}>{said(workflow.version, workflow.changed)}</span>
    </>
  );
}

function said(version: number | null, changed: boolean): string {
  if (version === null) return "Runs need a published version: publish it first.";
  return changed ? `As version ${version} has it; the draft differs.` : "";
}
