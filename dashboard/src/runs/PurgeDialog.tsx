import { type FormEvent, useState } from "react";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { usePurge } from "./actions";
import style from "./Form.module.css";
import type { LetterSearch } from "./search";

interface PurgeDialogProps {
  readonly search: LetterSearch;
  readonly names: ReadonlyMap<number, string>;
  readonly onClose: () => void;
  /** Some are gone now, the one that was looked at maybe among them. */
  readonly onPurged: () => void;
}

/** Asks before many dead letters are removed: those of the page's filters, and of an age. */
export function PurgeDialog({ search, names, onClose, onPurged }: PurgeDialogProps) {
  const [hours, setHours] = useState("");
  const purge = usePurge(({ removed }) => {
    onClose();
    if (removed > 0) onPurged();
  });
  const { workflow, node_type } = search;
  function submit(event: FormEvent) {
    event.preventDefault();
    purge.mutate({
      workflow: workflow ?? null,
      node_type: node_type ?? null,
      older_than_hours: hours === "" ? null : Number(hours),
    });
  }
  const which = [
    workflow === undefined ? "of all workflows" : `of ${names.get(workflow) ?? `workflow ${workflow}`}`,
    node_type === undefined ? "of all node types" : `of type ${node_type}`,
  ];
  return (
    <Dialog title="Remove dead letters?" onClose={onClose}>
      <form className={style.form} onSubmit={submit}>
        <p>Those {which.join(", ")} (the filters of this page). Their inputs are gone then; their runs stay.</p>
        <Field label="Older than (hours)" hint="Left empty: of any age.">
          {(control) => (
            <input
              {...control}
              type="number"
              min={0}
              max={1_000_000}
              step="any"
              value={hours}
              onChange={(event) => setHours(event.target.value)}
            />
          )}
        </Field>
        <div className={style.actions}>
          <Button onClick={onClose}>Keep them</Button>
          <Button type="submit" kind="danger" busy={purge.isPending}>
            Remove them
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
