import { useQuery } from "@tanstack/react-query";
import { moment, size } from "@/terminals/numbers";
import type { Session } from "@/terminals/queries";
import { Card } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";
import { type Recording, recordingQuery } from "./queries";
import { RecordingActions } from "./RecordingActions";

/** What there is of a session's recording. */
export function RecordingCard({ session }: { session: Session }) {
  const query = useQuery(recordingQuery(session.id));
  return (
    <Card title="Recording" actions={query.data && <RecordingActions session={session} recording={query.data} />}>
      <Loaded query={query}>{(recording) => <p>{words(recording)}</p>}</Loaded>
    </Card>
  );
}

function words(recording: Recording): string {
  const now = recording.recording ? "What it prints is recorded." : "What it prints now is not recorded.";
  if (recording.segments === 0) return `${now} Nothing of it is here yet.`;
  const kept = `${moment(recording.duration - recording.begins)} of it is here, ${size(recording.size)} compressed`;
  const missing = recording.gaps > 0 ? `; ${size(recording.skipped_bytes)} in ${recording.gaps} gaps are missing` : "";
  return `${recording.state === "ended" ? "The recording is complete." : now} ${kept}${missing}.`;
}
