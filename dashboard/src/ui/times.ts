const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** How long ago (or ahead) in one unit: `5 min`, `3 h`, `2 d`; `now` below a second. */
export function ago(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < 1) return "now";
  for (const [unit, length] of UNITS) {
    if (size >= length) return `${Math.floor(size / length)} ${SHORT[unit as keyof typeof SHORT]}`;
  }
  return "now";
}

const SHORT = { day: "d", hour: "h", minute: "min", second: "s" } as const;

/** A span of time as people compare it: `85 ms`, `1.2 s`, `3 min 5 s`, `2 h 4 min`. */
export function span(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
