import { belongs, type CardFilter } from "./cards";
import type { Card, Dependency } from "./shapes";

/** What of a graph the filters leave: its tasks, and the dependencies between two that are left. */
export function narrowed(
  nodes: readonly Card[],
  edges: readonly Dependency[],
  filter: CardFilter,
): { nodes: readonly Card[]; edges: readonly Dependency[] } {
  const text = filter.q?.trim().toLowerCase() ?? "";
  const left = nodes.filter(
    (card) => belongs(card, filter) && (card.title.toLowerCase().includes(text) || card.id.startsWith(text)),
  );
  const ids = new Set(left.map((card) => card.id));
  return { nodes: left, edges: edges.filter((it) => ids.has(it.task_id) && ids.has(it.depends_on_task_id)) };
}
