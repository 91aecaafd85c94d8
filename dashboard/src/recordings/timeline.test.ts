import { expect, test } from "vitest";
import { chance } from "@/ui/chance";
import {
  advance,
  gathered,
  inputMarkers,
  type Marker,
  PAUSE,
  type Segment,
  secondOf,
  segmentMarkers,
} from "./timeline";

const segment = (number: number, more: Partial<Segment> = {}): Segment => ({
  number,
  begins: number * 10,
  ends: number * 10 + 10,
  from_offset: number * 100,
  until_offset: number * 100 + 100,
  cols: 80,
  rows: 24,
  skipped_bytes: 0,
  entry: number === 0,
  state: "on",
  size: 1,
  stored_at: "2026-01-01T00:00:00Z",
  ...more,
});

test("time goes on at the chosen speed, never back, never beyond the end", () => {
  const random = chance(81);
  for (let round = 0; round < 1000; round++) {
    const [now, elapsed, end] = [random() * 50, random(), 60];
    const next = random() < 0.2 ? null : now + random() * 30;
    const pace = { speed: [0.5, 1, 2, 4, 8][Math.floor(random() * 5)] ?? 1, skipsIdle: random() < 0.5 };
    const then = advance(now, elapsed, next, pace, end);
    expect(then).toBeGreaterThanOrEqual(now);
    expect(then).toBeLessThanOrEqual(end);
    expect(then).toBeGreaterThanOrEqual(Math.min(end, now + elapsed * pace.speed) - 1e-9);
    if (!pace.skipsIdle) expect(then).toBeCloseTo(Math.min(end, now + elapsed * pace.speed), 9);
    else if (next !== null && next <= end) expect(next - then).toBeLessThanOrEqual(PAUSE + 1e-9);
  }
});

test("a pause that is skipped never takes output along unseen", () => {
  const then = advance(5, 0.05, 3600, { speed: 1, skipsIdle: true }, 4000);
  expect(then).toBe(3600 - PAUSE);
});

test("bytes have their second, between the ends of their segment", () => {
  const segments = Array.from({ length: 9 }, (_, number) => segment(number));
  const random = chance(82);
  for (let round = 0; round < 500; round++) {
    const offset = Math.floor(random() * 900);
    expect(secondOf(offset, segments)).toBeCloseTo(offset / 10, 6);
  }
  expect(secondOf(901, segments)).toBeNull();
  expect(secondOf(0, [])).toBeNull();
  expect(secondOf(0, [segment(0, { until_offset: 0 })])).toBe(0);
});

test("sizes that change and bytes that are missing are on the bar", () => {
  const segments = [segment(0), segment(1, { cols: 100 }), segment(2, { cols: 100, skipped_bytes: 9 })];
  expect(segmentMarkers(segments)).toEqual([
    { at: 10, kind: "resize", text: "100×24" },
    { at: 20, kind: "gap", text: "9 bytes are not recorded" },
  ]);
});

test("what was typed stands where the output was, and by the clock where that is not known", () => {
  const typed = (output_offset: number | null) => ({
    actor: "user:me@x",
    byte_count: 1,
    output_offset,
    typed_at: "2026-01-01T00:00:07Z",
  });
  const found = inputMarkers([typed(50), typed(null), typed(5000)], [segment(0)], "2026-01-01T00:00:00Z");
  expect(found.map((it) => it.at)).toEqual([5, 7, 7]);
  expect(found[0]?.text).toBe("me@x typed 1 byte");
  expect(inputMarkers([typed(null)], [], null)).toEqual([]);
});

test("however many markers there are, the bar has room for them", () => {
  const random = chance(83);
  const kinds = ["input", "resize", "gap", "attention"] as const;
  const markers: Marker[] = Array.from({ length: 5000 }, () => ({
    at: random() * 120,
    kind: kinds[Math.floor(random() * 4)] ?? "input",
    text: "",
  }));
  const kept = gathered(markers, 100, 200);
  expect(kept.length).toBeLessThanOrEqual(4 * 201);
  expect(kept.every((it) => it.at <= 100)).toBe(true);
  expect(new Set(kept.map((it) => it.kind)).size).toBe(4);
});
