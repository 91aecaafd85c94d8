/** Milliseconds to wait before the `attempt`-th try to connect again (from 1): doubling, capped, spread by `chance` (0–1). */
export function backoff(attempt: number, chance: number): number {
  const longest = Math.min(15_000, 250 * 2 ** Math.min(attempt, 10));
  return longest / 2 + (longest / 2) * chance;
}
