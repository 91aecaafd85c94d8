/** How well `text` answers `query`, by its letters in order; null when it does not. Beginnings of words count most. */
export function score(query: string, text: string): number | null {
  const [wanted, given] = [query.toLowerCase().replaceAll(" ", ""), text.toLowerCase()];
  let [total, at] = [0, -1];
  for (const letter of wanted) {
    const next = given.indexOf(letter, at + 1);
    if (next === -1) return null;
    const begins = next === 0 || !/[a-z0-9]/.test(given[next - 1] ?? "");
    total += next === at + 1 ? 3 : begins ? 2 : 0;
    at = next;
  }
  return total - given.length / 100;
}

/** What answers `query`, best first. */
export function ranked<T>(query: string, items: readonly T[], text: (item: T) => string): readonly T[] {
  return items
    .map((item) => ({ item, points: score(query, text(item)) }))
    .filter((it): it is { item: T; points: number } => it.points !== null)
    .sort((a, b) => b.points - a.points)
    .map((it) => it.item);
}
