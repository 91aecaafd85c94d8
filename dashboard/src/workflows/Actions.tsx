import { useNavigate } from "@tanstack/react-router";
import { Download, Play, Trash2, Upload } from "lucide-react";
import { useState } from "react";
import { useMayWrite } from "@/login/queries";
import { Button } from "@/ui/Button";
import { fileName, writeDocument } from "./document";
import type { DraftStore } from "./editor/draft";
import { PublishDialog } from "./publish/PublishDialog";
import { RemoveDialog } from "./RemoveDialog";
import { RunDialog } from "./RunDialog";
import type { FoundProblem, WorkflowDetail } from "./shapes";

interface ActionsProps {
  readonly workflow: WorkflowDetail;
  readonly draft: DraftStore;
  readonly problems: readonly FoundProblem[];
  /** Whether the draft is what is looked at. */
  readonly onDraft: boolean;
}

/** What can be done with a workflow as a whole. */
export function Actions({ workflow, draft, problems, onDraft }: ActionsProps) {
  const mayWrite = useMayWrite();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"publish" | "run" | "remove" | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <Button
        kind="quiet"
        icon={Download}
        aria-label="Export"
        title="Export as a file"
        onClick={() => download(workflow, draft)}
      />
      {mayWrite && (
        <>
          <Button
            kind="quiet"
            icon={Trash2}
            aria-label="Remove workflow"
            title="Remove the workflow"
            onClick={() => setOpen("remove")}
          />
          <Button icon={Play} onClick={() => setOpen("run")}>
            Run
          </Button>
          <Button kind="primary" icon={Upload} onClick={() => setOpen("publish")}>
            Publish
          </Button>
        </>
      )}
      {open === "publish" && <PublishDialog workflow={workflow} draft={draft} problems={problems} onClose={close} />}
      {open === "run" && <RunDialog workflow={workflow} draft={draft} onDraft={onDraft} onClose={close} />}
      {open === "remove" && (
        <RemoveDialog workflow={workflow} onClose={close} onRemoved={() => void navigate({ to: "/workflows" })} />
      )}
    </>
  );
}

function download(workflow: WorkflowDetail, draft: DraftStore): void {
  const text = writeDocument(draft.snapshot().history.now);
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName(workflow.name);
  link.click();
  URL.revokeObjectURL(url);
}
