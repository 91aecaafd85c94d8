import { useEffect, useEffectEvent, useState } from "react";
import { moment } from "@/terminals/numbers";
import style from "./SeekBar.module.css";
import type { Marker } from "./timeline";

const PAUSE = 150; // milliseconds after the last move until the hub is asked: a drag is one question

interface SeekBarProps {
  readonly now: number;
  readonly begins: number;
  readonly end: number;
  readonly markers: readonly Marker[];
  readonly onSeek: (at: number) => void;
}

/** Where in the recording it is, and what happened where. The range is the browser's own: arrows, Home and End work. */
export function SeekBar({ now, begins, end, markers, onSeek }: SeekBarProps) {
  const [wished, setWished] = useState<number | null>(null);
  const go = useEffectEvent((at: number) => {
    onSeek(at);
    setWished(null);
  });
  useEffect(() => {
    if (wished === null) return;
    const timer = window.setTimeout(() => go(wished), PAUSE);
    return () => window.clearTimeout(timer);
  }, [wished]);
  const length = Math.max(0.1, end - begins);
  const share = (at: number) => `${(Math.min(1, Math.max(0, (at - begins) / length)) * 100).toFixed(2)}%`;
  return (
    <span className={style.bar}>
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={`${moment(now)} of ${moment(end)}`}
        min={Math.floor(begins * 10) / 10}
        max={Math.ceil(end * 10) / 10}
        step={0.1}
        value={wished ?? now}
        onChange={(event) => setWished(Number(event.target.value))}
      />
      <span className={style.markers} aria-hidden>
        {markers.map((marker) => (
          <button
            key={`${marker.kind} ${marker.at}`}
            type="button"
            tabIndex={-1}
            className={`${style.marker} ${style[marker.kind]}`}
            style={{ insetInlineStart: share(marker.at) }}
            title={`${moment(marker.at)} ${marker.text}`}
            onClick={() => onSeek(Math.max(begins, marker.at - 0.5))}
          />
        ))}
      </span>
    </span>
  );
}
