/** The last marked line above the first one that is shown; null where there is none. Lines may come in any order. */
export function previous(lines: readonly number[], top: number): number | null {
  let found: number | null = null;
  for (const line of lines) if (line >= 0 && line < top && (found === null || line > found)) found = line;
  return found;
}

/** The line on the screen that a session's attention quotes: what it asks. Empty where it quotes none. */
export function quoted(why: string, evidence: unknown): string {
  const line = (evidence as { line?: unknown } | null)?.line;
  if (typeof line === "string") return line.trim().slice(0, 200);
  return (/^(?:asks|seems to ask|asks for something unseen): (.+)$/s.exec(why)?.[1] ?? "").trim().slice(0, 200);
}
