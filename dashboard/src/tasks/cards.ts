import type { Card, Priority, Task, TaskStatus } from "./shapes";

export interface CardPage {
  readonly tasks: readonly Card[];
  readonly next_cursor: string | null;
}

export interface CardPages {
  readonly pages: readonly CardPage[];
  readonly pageParams: readonly unknown[];
}

/** What a list shows: the filters of its query. */
export interface CardFilter {
  readonly status?: TaskStatus | undefined;
  readonly q?: string | undefined;
  readonly project_id?: string | undefined;
  readonly type?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly server?: string | undefined;
}

/** A task as a card. */
export function cardOf(task: Task): Card {
  return { ...task, since: task.reason?.since ?? task.updated_at };
}

/** Whether a task belongs into a list, as far as its card tells; a text search is the hub's to answer. */
export function belongs(card: Card, filter: CardFilter): boolean {
  return (
    (!filter.status || card.status === filter.status) &&
    (!filter.project_id || card.project_id === filter.project_id) &&
    (!filter.type || card.type === filter.type) &&
    (!filter.priority || card.priority === filter.priority) &&
    (!filter.server || card.assigned_server_name === filter.server || card.assigned_server_id === filter.server)
  );
}

/**
 * The pages of a list after one task became what `card` says: taken out, changed, or put where the newest-first order has
 * it. A card older than everything loaded is left to the page that will load it.
 */
export function withCard(pages: CardPages, card: Card, filter: CardFilter): CardPages {
  const known = pages.pages.some((page) => page.tasks.some((it) => it.id === card.id));
  const wanted = belongs(card, filter) && (known || !filter.q);
  if (!known && !wanted) return pages;
  const without = pages.pages.map((page) => ({ ...page, tasks: page.tasks.filter((it) => it.id !== card.id) }));
  return { ...pages, pages: wanted ? inserted(without, card) : without };
}

function inserted(pages: readonly CardPage[], card: Card): readonly CardPage[] {
  const index = pages.findIndex((page, at) => {
    const last = page.tasks.at(-1);
    const isEnd = at === pages.length - 1;
    return last === undefined ? isEnd : comesBefore(card, last) || (isEnd && page.next_cursor === null);
  });
  const page = pages[index];
  if (page === undefined) return pages;
  const at = page.tasks.findIndex((it) => comesBefore(card, it));
  const tasks = at === -1 ? [...page.tasks, card] : page.tasks.toSpliced(at, 0, card);
  return pages.with(index, { ...page, tasks });
}

function comesBefore(one: Card, other: Card): boolean {
  return one.created_at === other.created_at ? one.id > other.id : one.created_at > other.created_at;
}
