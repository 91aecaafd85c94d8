import { FlaskConical, Pin, PinOff } from "lucide-react";
import { useState } from "react";
import { useMayWrite } from "@/login/queries";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { type Item, setField } from "../definition/definition";
import type { Json } from "../definition/json";
import { textOf } from "../definition/json";
import { FieldRow } from "../form/FieldRow";
import { startRun } from "../queries";
import { isPinned } from "../trial";
import { useEditor } from "./context";
import { LastResult } from "./LastResult";
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
  const { last, outputs, edit, readOnly } = useEditor();
  const output = outputs.get(item.key);
  const ran = last?.nodes.find((node) => node.key === item.key);
  const [open, setOpen] = useState(isPinned(item.value));
  const pin = (value: Json | undefined) =>
    edit((draft) => setField(draft, "nodes", item.index, ["pinned"], value), `pin ${item.key}`);
  return (
    <details className={style.fold} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Try it out</summary>
      {!readOnly && (
        <div className={style.pair}>
          <RunNode item={item} />
          {output !== undefined && output !== null && (
            <Button small icon={Pin} onClick={() => pin(output)}>
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
      {last && ran ? (
        <LastResult run={last} node={ran} />
      ) : (
        <p className={style.soft}>It was not part of the last run.</p>
      )}
      <FieldRow field={PINNED} value={item.value.pinned} path="pinned" onChange={pin} />
    </details>
  );
}

/** Runs the node as it is on the screen: the draft is saved, and nothing needs to be published. */
function RunNode({ item }: { item: Item }) {
  const { workflow, manifests, save } = useEditor();
  const mayWrite = useMayWrite();
  const run = useAction({
    run: async () => startRun(workflow.id, { draft: true, only: item.key, if_unchanged_since: await save() }),
    touches: [
      ["runs", "list"],
      ["workflows", "list"],
      ["workflows", "one", String(workflow.id)],
    ],
  });
  if (!mayWrite || manifests.get(textOf(item.value.type))?.trigger) return null;
  return (
    <Button
      small
      icon={FlaskConical}
      busy={run.isPending}
      title="As it is here, published or not. The other nodes give what is pinned, or what they put out last"
      onClick={() => run.mutate()}
    >
      Run this node
    </Button>
  );
}
