import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import type { DraftStore } from "../editor/draft";
import { useDraftState } from "../editor/useDraft";
import { publishDraft, versionQuery } from "../queries";
import type { FoundProblem, WorkflowDetail } from "../shapes";
import style from "../WorkflowsPage.module.css";
import { DifferenceView } from "./DifferenceView";

interface PublishProps {
  readonly workflow: WorkflowDetail;
  readonly draft: DraftStore;
  readonly problems: readonly FoundProblem[];
  readonly onClose: () => void;
}

/** Shows what the next version changes, and makes it. */
export function PublishDialog({ workflow, draft, problems, onClose }: PublishProps) {
  const [note, setNote] = useState("");
  const { history } = useDraftState(draft);
  const number = workflow.version ?? 0;
  const version = useQuery({ ...versionQuery(workflow.id, number), enabled: number > 0 });
  const errors = problems.filter((problem) => !problem.warning);
  const publish = useAction({
    run: async () => {
      await draft.flush();
      return publishDraft(workflow.id, note);
    },
    touches: [
      ["workflows", "one", String(workflow.id)],
      ["workflows", "list"],
    ],
    done: (made) => `Version ${made.number} is published`,
    onDone: onClose,
  });
  return (
    <Dialog
      title={number > 0 ? `Publish: what changes after version ${number}` : "Publish the first version"}
      onClose={onClose}
      wide
    >
      <div className={style.form}>
        {number > 0 ? (
          <Loaded query={version}>
            {(before) => <DifferenceView before={before.definition ?? {}} after={history.now} />}
          </Loaded>
        ) : (
          <DifferenceView before={{}} after={history.now} />
        )}
        {errors.length > 0 && (
          <p role="alert">
            {errors.length === 1 ? "A problem keeps" : `${errors.length} problems keep`} it from being published:{" "}
            {errors[0]?.problem}
          </p>
        )}
        <Field label="Note" hint="what this version is for; optional">
          {(control) => (
            <input {...control} value={note} maxLength={4000} onChange={(event) => setNote(event.target.value)} />
          )}
        </Field>
        <div className={style.buttons}>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={publish.isPending} disabled={errors.length > 0} onClick={() => publish.mutate()}>
            Publish version {workflow.versions + 1}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
