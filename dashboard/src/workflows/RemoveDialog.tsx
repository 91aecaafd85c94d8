import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { removeWorkflow } from "./queries";
import type { WorkflowDetail } from "./shapes";
import style from "./WorkflowsPage.module.css";

interface RemoveProps {
  readonly workflow: WorkflowDetail;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}

/** Asks before a workflow is taken away. */
export function RemoveDialog({ workflow, onClose, onRemoved }: RemoveProps) {
  const remove = useAction({
    run: () => removeWorkflow(workflow.id),
    touches: [["workflows", "list"]],
    done: `${workflow.name} was removed`,
    onDone: onRemoved,
  });
  return (
    <Dialog title="Remove this workflow?" onClose={onClose}>
      <div className={style.form}>
        <p>
          “{workflow.name}” begins no more runs, and its triggers are disarmed. Its runs and versions stay readable.
        </p>
        <div className={style.buttons}>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Remove
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
