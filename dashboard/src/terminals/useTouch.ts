import { type RefObject, useEffect } from "react";
import { wholeLines } from "./fitting";
import type { Attached } from "./useAttachment";

/** A finger scrolls: xterm.js knows wheels only. Where a program has the whole screen it decides what that means. */
export function useTouch(host: RefObject<HTMLElement | null>, attached: Attached | null): void {
  useEffect(() => {
    const box = host.current;
    if (box === null || attached === null) return;
    const { terminal } = attached.screen;
    let [last, rest] = [null as number | null, 0];
    const begin = (event: TouchEvent) => {
      last = event.touches.length === 1 ? (event.touches[0]?.clientY ?? null) : null;
      rest = 0;
    };
    const move = (event: TouchEvent) => {
      const touch = event.touches[0];
      if (last === null || touch === undefined || event.touches.length > 1) return;
      const { clientX, clientY } = touch;
      const deltaY = last - clientY;
      last = clientY;
      const screen = box.querySelector<HTMLElement>(".xterm-screen") ?? box;
      if (event.cancelable) event.preventDefault();
      if (terminal.buffer.active.type === "alternate") {
        screen.dispatchEvent(new WheelEvent("wheel", { deltaY, clientX, clientY, bubbles: true, cancelable: true }));
        return;
      }
      const { lines, pixels } = wholeLines(rest + deltaY, screen.offsetHeight / terminal.rows);
      rest = pixels;
      if (lines !== 0) terminal.scrollLines(lines);
    };
    box.addEventListener("touchstart", begin, { passive: true });
    box.addEventListener("touchmove", move, { passive: false });
    return () => {
      box.removeEventListener("touchstart", begin);
      box.removeEventListener("touchmove", move);
    };
  }, [host, attached]);
}
