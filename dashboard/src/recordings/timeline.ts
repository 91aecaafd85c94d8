import type { components } from "@/api/schema";

export type Segment = components["schemas"]["SegmentView"];
export type Input = components["schemas"]["TypedInput"];

/** A place on the seek bar: when, what, and in words. */
export interface Marker {
  readonly at: number;
  readonly kind: "input" | "resize" | "gap" | "attention";
  readonly text: string;
}

export interface Pace {
  readonly speed: number;
  readonly skipsIdle: boolean;
}

export const SPEEDS = [0.5, 1, 2, 4, 8] as const;
/** Seconds without output that are shown as they were; what is longer is skipped but for this. */
export const PAUSE = 1.5;

/** Where a player is after `elapsed` seconds of ours. `next`: when the next event comes; null where none is known. */
export function advance(now: number, elapsed: number, next: number | null, pace: Pace, end: number): number {
  const on = now + elapsed * pace.speed;
  const skips = pace.skipsIdle && next !== null && next - now > PAUSE;
  return Math.min(end, skips ? Math.max(on, next - PAUSE) : on);
}

/** When the byte at `offset` was printed, as exactly as the segments tell; null where none has it. */
export function secondOf(offset: number, segments: readonly Segment[]): number | null {
  let [low, high] = [0, segments.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const segment = segments[middle];
    if (segment === undefined) return null;
    if (offset < segment.from_offset) high = middle - 1;
    else if (offset > segment.until_offset) low = middle + 1;
    else return within(offset, segment);
  }
  return null;
}

function within(offset: number, segment: Segment): number {
  const bytes = segment.until_offset - segment.from_offset;
  const share = bytes === 0 ? 0 : (offset - segment.from_offset) / bytes;
  return segment.begins + share * (segment.ends - segment.begins);
}

/** Sizes that changed and output that is missing, as the segments tell. */
export function segmentMarkers(segments: readonly Segment[]): readonly Marker[] {
  return segments.flatMap((segment, index) => {
    const before = segments[index - 1];
    const found: Marker[] = [];
    if (before && (before.cols !== segment.cols || before.rows !== segment.rows)) {
      found.push({ at: segment.begins, kind: "resize", text: `${segment.cols}×${segment.rows}` });
    }
    if (segment.skipped_bytes > 0) {
      found.push({ at: segment.begins, kind: "gap", text: `${segment.skipped_bytes} bytes are not recorded` });
    }
    return found;
  });
}

/** Who typed when. By the byte that was printed last, where that is known: clocks of two machines differ. */
export function inputMarkers(
  inputs: readonly Pick<Input, "actor" | "byte_count" | "output_offset" | "typed_at">[],
  segments: readonly Segment[],
  startedAt: string | null,
): readonly Marker[] {
  const start = startedAt === null ? Number.NaN : Date.parse(startedAt);
  return inputs.flatMap((input) => {
    const { output_offset: offset } = input;
    const at = (offset === null ? null : secondOf(offset, segments)) ?? (Date.parse(input.typed_at) - start) / 1_000;
    if (!Number.isFinite(at) || at < 0) return [];
    const bytes = `${input.byte_count} byte${input.byte_count === 1 ? "" : "s"}`;
    return [{ at, kind: "input" as const, text: `${input.actor.replace(/^user:/, "")} typed ${bytes}` }];
  });
}

/** Markers that would stand on each other become one, so that there are never more than the bar has room for. */
export function gathered(markers: readonly Marker[], end: number, room: number): readonly Marker[] {
  const width = end / Math.max(1, room);
  const kept: Marker[] = [];
  const last = new Map<Marker["kind"], number>();
  for (const marker of markers.toSorted((a, b) => a.at - b.at)) {
    if (marker.at > end) continue;
    const before = last.get(marker.kind);
    if (before !== undefined && marker.at - before < width) continue;
    last.set(marker.kind, marker.at);
    kept.push(marker);
  }
  return kept;
}
