import { expect, test } from "vitest";
import { bodyOf, hrefOf, without } from "./items";
import type { Action, Inbox, Item } from "./shapes";

const item = (more: Partial<Item>) =>
  ({ key: "k", kind: "failed", task_id: null, run_id: null, server_id: null, node: null, ...more }) as Item;

test.each([
  [{ task_id: "t" }, "/tasks/t"],
  [{ kind: "approval", run_id: "r", node: "ask me" }, "/runs/r?node=ask%20me"],
  [{ kind: "dead_letter", id: "7", run_id: "r" }, "/dead-letters?letter=7"],
  [{ kind: "host_lost", server_id: "s" }, "/servers/s"],
] as const)("%j leads to %s", (more, href) => expect(hrefOf(item(more as Partial<Item>))).toBe(href));

test("an action's body holds what is fixed and what was filled in, and nothing else", () => {
  const action = { needs: ["comment"], body: { approved: false } } as unknown as Action;
  expect(bodyOf(action, { comment: "no", other: "x" })).toEqual({ approved: false, comment: "no" });
  expect(bodyOf({ needs: [] } as unknown as Action, {})).toBeUndefined();
});

test("what was dealt with is gone at once, and counted off once", () => {
  const inbox = { items: [item({})], counts: { failed: 1 }, total: 1, next_cursor: null } as unknown as Inbox;
  const after = without(inbox, item({}));
  expect([after.items.length, after.counts.failed, after.total]).toEqual([0, 0, 0]);
  expect(without(after, item({}))).toBe(after);
});
