import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { addNode, type Definition } from "./definition/definition";
import { createWorkflow, manifestsQuery } from "./queries";
import type { Manifest } from "./shapes";
import style from "./WorkflowsPage.module.css";

/** Begins a workflow: its name, and a start that is begun by hand. */
export function NewDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const navigate = useNavigate();
  const manifests = useQuery(manifestsQuery).data;
  const create = useAction({
    run: () => createWorkflow(name.trim(), begun(manifests)),
    touches: [["workflows", "list"]],
    onDone: (made) => void navigate({ to: "/workflows/$workflow", params: { workflow: String(made.id) } }),
  });
  return (
    <Dialog title="New workflow" onClose={onClose}>
      <form
        className={style.form}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Field label="Name" hint="what people and other workflows call it">
          {(control) => (
            <input
              {...control}
              value={name}
              onChange={(event) => setName(event.target.value)}
              required
              maxLength={200}
              autoFocus
            />
          )}
        </Field>
        <div className={style.buttons}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={create.isPending} disabled={name.trim() === ""}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** A definition with what is begun by hand in it, where some machine has such a type. */
function begun(manifests: ReadonlyMap<string, Manifest> | undefined): Definition {
  const empty = { nodes: [], edges: [] };
  const manual = [...(manifests?.values() ?? [])].find((it) => it.trigger === "manual");
  return manual === undefined ? empty : addNode(empty, manual.type, { x: 40, y: 120 }).definition;
}
