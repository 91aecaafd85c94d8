import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { textOf } from "./definition/json";
import { readDocument } from "./document";
import { ImportFindings } from "./ImportFindings";
import { createWorkflow, judge } from "./queries";
import style from "./WorkflowsPage.module.css";

const MOST = 8 * 1024 * 1024;

/** Imports a workflow: from a file or pasted; shows what was translated and what is missing before it is kept. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [name, setName] = useState<string | null>(null);
  const [tooBig, setTooBig] = useState(false);
  const given = useDeferredValue(text);
  const navigate = useNavigate();
  const read = useQuery({
    queryKey: ["workflow-import", given],
    queryFn: async () => {
      const document = await readDocument(given);
      return { document, judged: await judge(document) };
    },
    enabled: given.trim() !== "",
    retry: false,
    gcTime: 0,
  });
  const called = name ?? textOf(read.data?.judged.definition.name, "imported");
  const create = useAction({
    run: () => createWorkflow(called, read.data?.document ?? {}),
    touches: [["workflows", "list"]],
    onDone: (made) => void navigate({ to: "/workflows/$workflow", params: { workflow: String(made.id) } }),
  });
  async function take(file: File | undefined) {
    setTooBig(file !== undefined && file.size > MOST);
    if (file && file.size <= MOST) setText(await file.text());
  }
  return (
    <Dialog title="Import a workflow" onClose={onClose} wide>
      <div className={style.form}>
        <Field
          label="File"
          hint="a MachinaOs export, AutomateOS' {steps}, or a workflow of ours; JSON or YAML"
          error={tooBig ? "larger than 8 MB" : null}
        >
          {(control) => (
            <input
              {...control}
              type="file"
              accept=".json,.yaml,.yml"
              onChange={(event) => void take(event.target.files?.[0])}
            />
          )}
        </Field>
        <Field label="or paste it" error={read.error ? read.error.message : null}>
          {(control) => (
            <textarea
              {...control}
              rows={8}
              value={text}
              spellCheck={false}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        {read.data && (
          <>
            <ImportFindings judged={read.data.judged} />
            <Field label="Name">
              {(control) => (
                <input {...control} value={called} maxLength={200} onChange={(event) => setName(event.target.value)} />
              )}
            </Field>
          </>
        )}
        <div className={style.buttons}>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            busy={create.isPending}
            disabled={!read.data || called.trim() === ""}
            onClick={() => create.mutate()}
          >
            Import as a draft
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
