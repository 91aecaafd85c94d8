import type { Action, Inbox, Item } from "./shapes";

/** Where an item is seen whole. */
export function hrefOf(item: Item): string {
  if (item.kind === "dead_letter") return `/dead-letters?letter=${encodeURIComponent(item.id)}`;
  if (item.run_id) return `/runs/${item.run_id}${item.node ? `?node=${encodeURIComponent(item.node)}` : ""}`;
  if (item.task_id) return `/tasks/${item.task_id}`;
  if (item.server_id) return `/servers/${item.server_id}`;
  return "/";
}

/** The request body of an action, with what the person filled in. */
export function bodyOf(action: Action, filled: Readonly<Record<string, string>>): Record<string, unknown> | undefined {
  const body = { ...action.body, ...Object.fromEntries(action.needs.map((name) => [name, filled[name] ?? ""])) };
  return Object.keys(body).length > 0 ? body : undefined;
}

/** The inbox without one item: what is shown from the moment somebody has dealt with it. */
export function without(inbox: Inbox, item: Item): Inbox {
  if (!inbox.items.some((it) => it.key === item.key)) return inbox;
  return {
    ...inbox,
    items: inbox.items.filter((it) => it.key !== item.key),
    counts: { ...inbox.counts, [item.kind]: Math.max(0, (inbox.counts[item.kind] ?? 1) - 1) },
    total: inbox.total - 1,
  };
}
