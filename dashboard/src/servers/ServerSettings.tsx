import { type FormEvent, useState } from "react";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { useSettings } from "./actions";
import style from "./ServerActions.module.css";
import type { Server } from "./state";

/** Name, slots, and what of its capabilities counts differently from what it announced. */
export function ServerSettings({ server, onClose }: { server: Server; onClose: () => void }) {
  const [name, setName] = useState(server.name);
  const [slots, setSlots] = useState(String(server.slots.max));
  const [overrides, setOverrides] = useState(JSON.stringify(server.overrides, null, 2));
  const problem = problemWith(overrides);
  const save = useSettings(server, onClose);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (problem !== null) return;
    save.mutate({ name, max_concurrent: Number(slots), overrides: JSON.parse(overrides) as Record<string, unknown> });
  }
  return (
    <Dialog title={`Change ${server.name}`} onClose={onClose}>
      <form className={style.body} onSubmit={submit}>
        <Field label="Name">
          {(control) => <input {...control} required value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="Slots" hint="How many tasks it works on at once.">
          {(control) => (
            <input
              {...control}
              type="number"
              min={1}
              max={1000}
              value={slots}
              onChange={(event) => setSlots(event.target.value)}
            />
          )}
        </Field>
        <Field label="Overrides" error={problem} hint='What it counts as, whatever it announced: {"tags": ["gpu"]}'>
          {(control) => (
            <textarea
              {...control}
              rows={6}
              spellCheck={false}
              value={overrides}
              onChange={(event) => setOverrides(event.target.value)}
            />
          )}
        </Field>
        <div className={style.actions}>
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" kind="primary" busy={save.isPending} disabled={problem !== null}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function problemWith(text: string): string | null {
  try {
    const given: unknown = JSON.parse(text);
    return typeof given === "object" && given !== null && !Array.isArray(given) ? null : "it must be an object";
  } catch (error) {
    return `this is no JSON: ${(error as Error).message}`;
  }
}
