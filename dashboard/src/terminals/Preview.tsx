import { useEffect, useRef } from "react";
import { scaleFor } from "./fitting";
import style from "./Preview.module.css";
import { useAttachment, useStanding } from "./useAttachment";

const WISHES = { letters: 12, scrollback: 0 };

/** A small live terminal to look at: all of its screen, as much smaller as the tile needs. */
export function Preview({ sessionId }: { sessionId: string }) {
  const box = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const attached = useAttachment(host, sessionId, WISHES);
  const { cols, rows, phase, refusal } = useStanding(attached);
  useEffect(() => {
    if (attached === null || box.current === null || cols === 0) return;
    const place = () => shrink(box.current, host.current);
    const ends = attached.screen.terminal.onRender(place);
    const observer = new ResizeObserver(place);
    observer.observe(box.current);
    place();
    return () => {
      ends.dispose();
      observer.disconnect();
    };
  }, [attached, cols]);
  return (
    <div ref={box} className={style.box} data-phase={phase} data-size={`${cols}x${rows}`} inert>
      <div ref={host} className={style.host} />
      {refusal && <span className={style.refusal}>{refusal.detail}</span>}
    </div>
  );
}

function shrink(box: HTMLElement | null, host: HTMLElement | null): void {
  const drawing = host?.querySelector<HTMLElement>(".xterm-screen");
  if (!box || !host || !drawing) return;
  const scale = scaleFor(
    { width: box.clientWidth, height: box.clientHeight },
    { width: drawing.offsetWidth, height: drawing.offsetHeight },
  );
  const wanted = `scale(${scale.toFixed(4)})`;
  if (host.style.transform !== wanted) host.style.transform = wanted;
}
