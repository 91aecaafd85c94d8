import { type FormEvent, useState } from "react";
import { answer, hub } from "@/api/client";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import style from "./Form.module.css";
import type { Project } from "./Projects";

export function ProjectSettings({ project, onClose }: { project: Project; onClose: () => void }) {
  const [name, setName] = useState(project.name);
  const [settings, setSettings] = useState(project.settings);
  const [isActive, setActive] = useState(project.status === "active");
  const save = useAction({
    run: () =>
      answer(
        hub.PATCH("/api/v1/projects/{project}", {
          params: { path: { project: project.id } },
          body: { name, status: isActive ? "active" : "archived", settings: { ...settings } } as never,
        }),
      ),
    done: "Saved",
    touches: [["projects"]],
    onDone: onClose,
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <Dialog title={`Change ${project.name}`} onClose={onClose}>
      <form className={style.form} onSubmit={submit}>
        <Field label="Name">
          {(control) => <input {...control} required value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <label>
          <input
            type="checkbox"
            checked={settings.require_plan_approval}
            onChange={(event) => setSettings({ ...settings, require_plan_approval: event.target.checked })}
          />{" "}
          Plans must be approved before work begins
        </label>
        <Field label="When the host of a running task is lost">
          {(control) => (
            <select
              {...control}
              value={settings.lost_host}
              onChange={(event) =>
                setSettings({ ...settings, lost_host: event.target.value as typeof settings.lost_host })
              }
            >
              <option value="retry">Try again on another host</option>
              <option value="needs_human">Ask a person</option>
            </select>
          )}
        </Field>
        <label>
          <input type="checkbox" checked={isActive} onChange={(event) => setActive(event.target.checked)} /> Active:
          takes new tasks
        </label>
        <div className={style.actions}>
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" kind="primary" busy={save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
