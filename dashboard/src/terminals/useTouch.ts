import { type RefObject, useEffect } from "react";

/** A finger scrolls: xterm.js knows wheels only, and what a wheel means to the program (lines back, arrows, reports). */
export function useTouch(host: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const box = host.current;
    if (box === null) return;
    let last: number | null = null;
    const begin = (event: TouchEvent) => {
      last = event.touches.length === 1 ? (event.touches[0]?.clientY ?? null) : null;
    };
    const move = (event: TouchEvent) => {
      const touch = event.touches[0];
      if (last === null || touch === undefined || event.touches.length > 1) return;
      const { clientX, clientY } = touch;
      const deltaY = last - clientY;
      last = clientY;
      const screen = box.querySelector(".xterm-screen") ?? box;
      screen.dispatchEvent(new WheelEvent("wheel", { deltaY, clientX, clientY, bubbles: true, cancelable: true }));
      if (event.cancelable) event.preventDefault();
    };
    box.addEventListener("touchstart", begin, { passive: true });
    box.addEventListener("touchmove", move, { passive: false });
    return () => {
      box.removeEventListener("touchstart", begin);
      box.removeEventListener("touchmove", move);
    };
  }, [host]);
}
