import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { createWorkflow } from "./queries";
import style from "./WorkflowsPage.module.css";

const FIRST = { nodes: [{ id: "start", type: "start", position: { x: 40, y: 120 } }], edges: [] };

/** Begins a workflow: its name, and a start that is begun by hand. */
export function NewDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const navigate = useNavigate();
  const create = useAction({
    run: () => createWorkflow(name.trim(), FIRST),
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
