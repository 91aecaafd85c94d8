import { CirclePause, CirclePlay, RotateCcw, Square } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useMayWrite } from "@/login/queries";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { useRetry, useSteer } from "./actions";
import style from "./Form.module.css";
import { isOver, type RunWhole } from "./shapes";

/** What can be done with a run as a whole. */
export function RunActions({ run, onBegun }: { run: RunWhole; onBegun: (id: string) => void }) {
  const mayWrite = useMayWrite();
  const [asking, setAsking] = useState(false);
  const steer = useSteer(run.id);
  const retry = useRetry(run.id, onBegun);
  if (!mayWrite) return null;
  if (isOver(run)) {
    return (
      <Button
        icon={RotateCcw}
        busy={retry.isPending}
        title={
          run.failed
            ? "A new run from what failed; the rest keeps its outputs"
            : "A new run of the same version and input"
        }
        onClick={() => retry.mutate({ from: null })}
      >
        {run.failed ? "Retry" : "Run again"}
      </Button>
    );
  }
  const paused = run.status === "paused";
  return (
    <>
      <Button
        icon={paused ? CirclePlay : CirclePause}
        busy={steer.isPending}
        onClick={() => steer.mutate({ how: paused ? "resume" : "pause" })}
      >
        {paused ? "Resume" : "Pause"}
      </Button>
      <Button kind="danger" icon={Square} busy={steer.isPending} onClick={() => setAsking(true)}>
        Cancel
      </Button>
      {asking && (
        <CancelDialog onClose={() => setAsking(false)} onDo={(reason) => steer.mutate({ how: "cancel", reason })} />
      )}
    </>
  );
}

function CancelDialog({ onClose, onDo }: { onClose: () => void; onDo: (reason: string) => void }) {
  const [reason, setReason] = useState("");
  function submit(event: FormEvent) {
    event.preventDefault();
    onDo(reason.trim());
    onClose();
  }
  return (
    <Dialog title="Cancel this run?" onClose={onClose}>
      <form className={style.form} onSubmit={submit}>
        <Field label="Why? (optional)" hint="Its processes are stopped; this cannot be taken back.">
          {(control) => (
            <textarea {...control} rows={3} value={reason} onChange={(event) => setReason(event.target.value)} />
          )}
        </Field>
        <div className={style.actions}>
          <Button onClick={onClose}>Let it run</Button>
          <Button type="submit" kind="danger">
            Cancel the run
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
