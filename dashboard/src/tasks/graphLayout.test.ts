import { expect, test } from "vitest";
import { NODE, placed } from "./graphLayout";
import type { Card, Dependency } from "./shapes";

const card = (id: string) => ({ id }) as Card;
const edge = (from: string, to: string) => ({ depends_on_task_id: from, task_id: to }) as Dependency;

test("who waits stands to the right of what it waits for", () => {
  const at = placed(["a", "b", "c"].map(card), [edge("a", "b"), edge("b", "c"), edge("a", "c")]);
  const x = (id: string) => at.get(id)?.x ?? Number.NaN;
  expect(x("a")).toBeLessThan(x("b"));
  expect(x("b")).toBeLessThan(x("c"));
});

test("no two stand on one another, and an edge to what is not shown does no harm", () => {
  const at = [...placed(["a", "b", "c", "d"].map(card), [edge("a", "b"), edge("gone", "c")]).values()];
  for (const one of at)
    for (const other of at)
      expect(one === other || Math.abs(one.x - other.x) >= NODE.width || Math.abs(one.y - other.y) >= NODE.height).toBe(
        true,
      );
});
