import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { isOver } from "@/terminals/filters";
import { lettersFor, ORDINARY } from "@/terminals/fitting";
import { inputsQuery, type Session } from "@/terminals/queries";
import { XtermScreen } from "@/terminals/screen";
import { line } from "@/ui/commandline";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Controls } from "./Controls";
import { Player, type Playing } from "./player";
import { castUrl, GROWS, type Recording, recordingQuery, segmentsQuery } from "./queries";
import { RecordingActions } from "./RecordingActions";
import style from "./Replay.module.css";
import { SearchRecording } from "./SearchRecording";
import { gathered, inputMarkers, type Marker, segmentMarkers } from "./timeline";

interface ReplayProps {
  readonly session: Session;
  readonly at: number | null;
  readonly onMoment: (at: number) => void;
}

const ROOM = 240; // markers of a kind that the bar can show side by side

/** What a session printed, played again. */
export default function Replay({ session, at, onMoment }: ReplayProps) {
  const query = useQuery({ ...recordingQuery(session.id), refetchInterval: isOver(session) ? false : GROWS });
  return (
    <Loaded query={query}>
      {(recording) =>
        recording.segments === 0 ? (
          <Nothing session={session} recording={recording} />
        ) : (
          <Stage session={session} recording={recording} at={at ?? recording.begins} onMoment={onMoment} />
        )
      }
    </Loaded>
  );
}

function Nothing({ session, recording }: { session: Session; recording: Recording }) {
  const title = recording.recording ? "Nothing of it has arrived yet." : "This session is not recorded.";
  return (
    <Empty title={title} cli={line(["corral", "session", "record", session.name, "--on"])}>
      <p>
        {recording.recording
          ? "Recordings come in pieces of ten seconds or more: look again in a moment."
          : "What it printed before is not kept."}
      </p>
      <RecordingActions session={session} recording={recording} />
    </Empty>
  );
}

interface StageProps {
  readonly session: Session;
  readonly recording: Recording;
  readonly at: number;
  readonly onMoment: (at: number) => void;
}

function Stage({ session, recording, at, onMoment }: StageProps) {
  const host = useRef<HTMLDivElement>(null);
  const player = usePlayer(host, session.id, recording.duration, at);
  const playing = usePlaying(player);
  const markers = useMarkers(session, recording);
  return (
    <section className={style.stage} aria-label={`Recording of ${session.name}`}>
      <div className={style.frame} data-state={playing.state}>
        <div ref={host} className={style.host} data-takes-keys data-testid="replay" />
      </div>
      {playing.error !== null && <Notice error={playing.error} retry={() => void player?.seek(playing.now)} />}
      {player && (
        <Controls
          player={player}
          playing={playing}
          begins={recording.begins}
          end={Math.max(recording.duration, playing.now)}
          markers={markers}
          onMoment={onMoment}
        />
      )}
      <div className={style.foot}>
        <SearchRecording sessionId={session.id} onGo={(second) => void player?.seek(second)} />
        <span className={style.actions}>
          <a className={style.download} href={castUrl(session.id)} download={`${session.id.slice(0, 8)}.cast`}>
            <Download aria-hidden size={15} /> Download (asciicast)
          </a>
          <RecordingActions session={session} recording={recording} />
        </span>
      </div>
    </section>
  );
}

function usePlayer(host: React.RefObject<HTMLDivElement | null>, sessionId: string, end: number, at: number) {
  const [player, setPlayer] = useState<Player | null>(null);
  const first = useRef({ at, end });
  useEffect(() => {
    const box = host.current;
    if (box === null) return;
    const screen = new XtermScreen(box);
    const made = new Player(screen, (from) => castUrl(sessionId, from), first.current.end);
    const place = () => {
      const fits = screen.fits();
      const { cols, rows } = screen.terminal;
      if (fits) screen.letters = lettersFor(screen.letters, fits, { cols, rows }, ORDINARY);
    };
    const sized = screen.terminal.onResize(place);
    const observer = new ResizeObserver(place);
    observer.observe(box);
    setPlayer(made);
    void made.seek(first.current.at, true);
    return () => {
      observer.disconnect();
      sized.dispose();
      made.dispose();
      screen.dispose();
      setPlayer(null);
    };
  }, [host, sessionId]);
  useEffect(() => player?.until(end), [player, end]);
  return player;
}

const STILL: Playing = { state: "loading", now: 0, error: null };
const NEVER = () => () => {};

function usePlaying(player: Player | null): Playing {
  return useSyncExternalStore(player ? (changed) => player.watch(changed) : NEVER, () => player?.playing ?? STILL);
}

function useMarkers(session: Session, recording: Recording): readonly Marker[] {
  const segments = useQuery({ ...segmentsQuery(session.id), refetchInterval: isOver(session) ? false : GROWS }).data;
  const inputs = useQuery(inputsQuery(session.id)).data;
  return useMemo(() => {
    if (segments === undefined) return [];
    const typed = inputMarkers(inputs ?? [], segments, session.started_at);
    return gathered([...segmentMarkers(segments), ...typed, ...noticed(session)], recording.duration, ROOM);
  }, [segments, inputs, session, recording.duration]);
}

/** What it does now, since when: the hub keeps the newest of it only. */
function noticed({ attention, started_at }: Session): readonly Marker[] {
  if (attention === null || started_at === null) return [];
  const at = attention.since - Date.parse(started_at) / 1_000;
  return at < 0 ? [] : [{ at, kind: "attention", text: `since then: ${attention.why}` }];
}
