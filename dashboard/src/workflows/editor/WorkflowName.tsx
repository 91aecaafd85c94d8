import { useAction } from "@/ui/action";
import { NameInput } from "../form/NameInput";
import { renameWorkflow } from "../queries";
import { useEditor } from "./context";
import style from "./Panel.module.css";

/** What people and other workflows call it. It is no part of the draft: a new name counts at once. */
export function WorkflowName() {
  const { workflow, readOnly } = useEditor();
  const rename = useAction({
    run: (name: string) => renameWorkflow(workflow.id, name),
    touches: [
      ["workflows", "one", String(workflow.id)],
      ["workflows", "list"],
    ],
    done: (now) => `It is called ${now.name} now`,
  });
  return (
    <div className={style.pair}>
      <NameInput
        name={workflow.name}
        label="Name"
        disabled={readOnly || rename.isPending}
        onRename={(name) => name !== "" && rename.mutate(name)}
      />
    </div>
  );
}
