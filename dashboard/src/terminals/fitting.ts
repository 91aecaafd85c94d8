import type { Size } from "./attachment";

export const SMALLEST = 7;
export const ORDINARY = 13;

/**
 * The size of the letters with which a session's window just fits into this one's. `fits` is what fits here with letters
 * of `now`; `wanted` is the session's. Whoever only watches must not change the session's size, so the letters change.
 */
export function lettersFor(now: number, fits: Size, wanted: Size, largest: number = ORDINARY): number {
  const ideal = now * Math.min(fits.cols / wanted.cols, fits.rows / wanted.rows);
  if (!Number.isFinite(ideal)) return largest;
  return Math.max(SMALLEST, Math.min(largest, Math.floor(ideal * 2) / 2));
}

/** How much a drawing has to shrink to fit into a box; never more than its own size. */
export function scaleFor(box: { width: number; height: number }, drawing: { width: number; height: number }): number {
  const scale = Math.min(1, box.width / drawing.width, box.height / drawing.height);
  return Number.isFinite(scale) && scale > 0 ? scale : 1;
}

/** How many whole lines a way of so many pixels is, and what is left of it. */
export function wholeLines(way: number, height: number): { readonly lines: number; readonly pixels: number } {
  if (!(height > 0)) return { lines: 0, pixels: 0 };
  const lines = Math.trunc(way / height);
  return { lines, pixels: way - lines * height };
}
