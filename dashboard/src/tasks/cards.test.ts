import { expect, test } from "vitest";
import { type CardPages, withCard } from "./cards";
import type { Card, TaskStatus } from "./shapes";

function card(id: string, minute: number, status: TaskStatus = "pending"): Card {
  return { id, status, created_at: `2026-01-01T00:${String(minute).padStart(2, "0")}:00Z`, title: id } as Card;
}

function pages(...lists: Card[][]): CardPages {
  const made = lists.map((tasks, at) => ({ tasks, next_cursor: at === lists.length - 1 ? null : `c${at}` }));
  return { pages: made, pageParams: lists.map((_, at) => at) };
}

const ids = (all: CardPages) => all.pages.map((page) => page.tasks.map((it) => it.id).join(""));
const PENDING = { status: "pending" } as const;

test("what no longer belongs leaves", () => {
  expect(ids(withCard(pages([card("b", 2)], [card("a", 1)]), card("a", 1, "done"), PENDING))).toEqual(["b", ""]);
});

test("what is new comes where its time has it", () => {
  expect(ids(withCard(pages([card("d", 4), card("b", 2)], [card("a", 1)]), card("c", 3), PENDING))).toEqual([
    "dcb",
    "a",
  ]);
});

test("what changed stays in its place, with its new value", () => {
  const after = withCard(pages([card("b", 2), card("a", 1)]), { ...card("a", 1), title: "new" }, PENDING);
  expect(after.pages[0]?.tasks.map((it) => it.title)).toEqual(["b", "new"]);
});

test("what is older than everything loaded is left to the next page", () => {
  const loaded: CardPages = { pages: [{ tasks: [card("b", 2)], next_cursor: "more" }], pageParams: [null] };
  expect(ids(withCard(loaded, card("a", 1), PENDING))).toEqual(["b"]);
});

test("an empty list takes its first", () => {
  expect(ids(withCard(pages([]), card("a", 1), PENDING))).toEqual(["a"]);
});

test("whatever the order in which cards arrive, the list is sorted and holds each once", () => {
  let all = pages([]);
  const given = [5, 3, 9, 1, 7, 3, 9].map((minute) => card(String(minute), minute));
  for (const one of given) all = withCard(all, one, PENDING);
  expect(ids(all)).toEqual(["97531"]);
});

test("a search is the hub's to answer: nothing new is put into it", () => {
  expect(ids(withCard(pages([]), card("a", 1), { q: "x" }))).toEqual([""]);
});
