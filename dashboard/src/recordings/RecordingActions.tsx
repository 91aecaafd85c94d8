import { Circle, Square, Trash2 } from "lucide-react";
import { useState } from "react";
import { useMayWrite } from "@/login/queries";
import { Sure } from "@/terminals/EndActions";
import { isOver } from "@/terminals/filters";
import type { Session } from "@/terminals/queries";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { deleteRecording, type Recording, record } from "./queries";
import style from "./RecordingActions.module.css";

/** Switches the recording on and off, and deletes what there is of it. */
export function RecordingActions({ session, recording }: { session: Session; recording: Recording }) {
  const [deleting, setDeleting] = useState(false);
  const touches = [
    ["sessions", "one", session.id],
    ["sessions", "segments", session.id],
  ];
  const turn = useAction({
    run: () => record(session.id, !recording.recording),
    touches,
    done: recording.recording ? "What it prints is recorded no longer." : "What it prints is recorded from now on.",
  });
  const remove = useAction({ run: () => deleteRecording(session.id), touches, done: "The recording is deleted." });
  if (!useMayWrite()) return null;
  return (
    <span className={style.actions}>
      {!isOver(session) && (
        <Button small icon={recording.recording ? Square : Circle} busy={turn.isPending} onClick={() => turn.mutate()}>
          {recording.recording ? "Stop recording" : "Record"}
        </Button>
      )}
      {recording.segments > 0 && (
        <Button small icon={Trash2} onClick={() => setDeleting(true)}>
          Delete…
        </Button>
      )}
      {deleting && (
        <Sure
          title="Delete the recording?"
          does="Delete the recording"
          action={remove}
          onDone={() => setDeleting(false)}
        >
          What was recorded of {session.name} so far is deleted for good. Who deleted it stays in its activity.
        </Sure>
      )}
    </span>
  );
}
