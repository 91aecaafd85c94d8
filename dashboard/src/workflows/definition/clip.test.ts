import { expect, test } from "vitest";
import { copied, pasted } from "./clip";
import { edgesOf, nodesOf } from "./definition";

const DRAFT = {
  nodes: [
    { id: "a", type: "start", position: { x: 0, y: 0 } },
    { id: "b", type: "shell", parameters: { command: "x" } },
    { id: "c", type: "shell" },
  ],
  edges: [
    { source: "a", target: "b", condition: { field: "x", operator: "exists" } },
    { source: "b", target: "c" },
  ],
};

test("copies have ids of their own and the edges among them", () => {
  const made = pasted(DRAFT, copied(DRAFT, new Set(["a", "b"])));
  expect([...(made?.keys ?? [])]).toEqual(["a_2", "b_2"]);
  expect(nodesOf(made?.definition ?? {}).at(-1)?.value).toEqual({
    id: "b_2",
    type: "shell",
    parameters: { command: "x" },
  });
  expect(nodesOf(made?.definition ?? {}).at(-2)?.value.position).toEqual({ x: 40, y: 40 });
  expect(edgesOf(made?.definition ?? {}).map((it) => it.key)).toEqual([
    "a.main→b.main",
    "b.main→c.main",
    "a_2.main→b_2.main",
  ]);
});

test.each(["", "text", "{}", "[1]", '{"corral-nodes": 1}', '{"corral-nodes": 2, "nodes": []}'])(
  "%j is nothing to paste",
  (text) => {
    expect(pasted(DRAFT, text)).toBeNull();
  },
);
