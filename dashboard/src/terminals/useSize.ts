import { type RefObject, useEffect } from "react";
import { lettersFor, ORDINARY } from "./fitting";
import type { Standing } from "./standing";
import type { Attached } from "./useAttachment";

const PAUSE = 120; // milliseconds without another change of the window until the session's size follows

/**
 * The driver's window decides the session's size. In all others the letters get smaller until the session's fits in.
 */
export function useSize(host: RefObject<HTMLElement | null>, attached: Attached | null, standing: Standing): void {
  const { mode, cols, rows } = standing;
  useEffect(() => {
    if (attached === null || host.current === null) return;
    const { screen, attachment } = attached;
    const place = () => {
      if (mode === "drive") screen.letters = ORDINARY;
      const fits = screen.fits();
      if (fits === null) return;
      if (mode === "drive") attachment.resize(fits);
      else if (cols > 0) screen.letters = lettersFor(screen.letters, fits, { cols, rows });
    };
    place();
    let timer: number | undefined;
    const observer = new ResizeObserver(() => {
      window.clearTimeout(timer);
      timer = window.setTimeout(place, PAUSE);
    });
    observer.observe(host.current);
    return () => {
      window.clearTimeout(timer);
      observer.disconnect();
    };
  }, [host, attached, mode, cols, rows]);
}
