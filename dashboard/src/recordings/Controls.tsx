import { Link2, Pause, Play, RotateCcw } from "lucide-react";
import { useState } from "react";
import { moment } from "@/terminals/numbers";
import { Button } from "@/ui/Button";
import { toast } from "@/ui/toasts";
import style from "./Controls.module.css";
import type { Player, Playing } from "./player";
import { SeekBar } from "./SeekBar";
import { type Marker, type Pace, SPEEDS } from "./timeline";

interface ControlsProps {
  readonly player: Player;
  readonly playing: Playing;
  readonly begins: number;
  readonly end: number;
  readonly markers: readonly Marker[];
  readonly onMoment: (at: number) => void;
}

export function Controls({ player, playing, begins, end, markers, onMoment }: ControlsProps) {
  const [pace, setPace] = useState<Pace>(player.pace);
  function set(next: Partial<Pace>) {
    player.pace = { ...pace, ...next };
    setPace(player.pace);
  }
  return (
    <div className={style.controls} role="toolbar" aria-label="Player">
      <PlayButton player={player} playing={playing} />
      <span className={style.time} data-testid="moment">
        {moment(playing.now)} / {moment(end)}
      </span>
      <SeekBar now={playing.now} begins={begins} end={end} markers={markers} onSeek={(at) => void player.seek(at)} />
      <select
        aria-label="Speed"
        value={pace.speed}
        onChange={(event) => set({ speed: Number(event.target.value) })}
        className={style.speed}
      >
        {SPEEDS.map((speed) => (
          <option key={speed} value={speed}>
            {speed}×
          </option>
        ))}
      </select>
      <label className={style.idle}>
        <input
          type="checkbox"
          checked={pace.skipsIdle}
          onChange={(event) => set({ skipsIdle: event.target.checked })}
        />
        Skip pauses
      </label>
      <Button
        kind="quiet"
        small
        icon={Link2}
        aria-label="Copy a link to this moment"
        title="Copy a link to this moment"
        onClick={() => void share(playing.now, onMoment)}
      />
    </div>
  );
}

function PlayButton({ player, playing }: { player: Player; playing: Playing }) {
  if (playing.state === "playing") return <Button icon={Pause} aria-label="Pause" onClick={() => player.pause()} />;
  const ended = playing.state === "ended";
  return (
    <Button
      icon={ended ? RotateCcw : Play}
      aria-label={ended ? "Play again" : "Play"}
      disabled={playing.state === "loading"}
      onClick={() => player.play()}
    />
  );
}

async function share(now: number, onMoment: (at: number) => void): Promise<void> {
  const at = Math.floor(now * 10) / 10;
  onMoment(at);
  const url = new URL(location.href);
  url.search = `?replay=true&at=${at}`;
  await navigator.clipboard.writeText(url.href);
  toast("ok", `The link to ${moment(at)} is in the clipboard.`);
}
