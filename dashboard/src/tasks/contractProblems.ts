/** What the contract check said about the last delivery, by contract; `feedback` is whatever the task's feedback holds. */
export function problemsOf(feedback: unknown): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const given = (feedback as { contract_problems?: unknown } | null)?.contract_problems;
  for (const item of Array.isArray(given) ? given : []) {
    const { key = "", pointer = "", problem = "" } = item as Record<string, string>;
    found.set(key, [...(found.get(key) ?? []), `${pointer}: ${problem}`]);
  }
  return found;
}
