import { expect, test } from "vitest";
import type { Definition } from "./definition";
import { difference, isSame } from "./diff";

const BEFORE: Definition = {
  name: "a",
  nodes: [
    { id: "one", type: "shell", parameters: { command: "make", list: [1] }, position: { x: 0, y: 0 } },
    { id: "two", type: "shell", position: { x: 0, y: 0 } },
    { id: "gone", type: "timer" },
  ],
  edges: [{ source: "one", target: "two" }],
};

test("nodes are added, removed, changed and moved", () => {
  const after: Definition = {
    name: "b",
    nodes: [
      { id: "two", type: "shell", position: { x: 50, y: 0 } },
      { id: "one", type: "shell", parameters: { command: "make all", list: [1, 2] }, position: { x: 9, y: 0 } },
      { id: "new", type: "console" },
    ],
    edges: [{ source: "one", target: "two", condition: { field: "x", operator: "exists" } }],
  };
  const found = difference(BEFORE, after);
  expect(found.nodes.map((it) => [it.key, it.change])).toEqual([
    ["two", "moved"],
    ["one", "changed"],
    ["new", "added"],
    ["gone", "removed"],
  ]);
  expect(found.nodes[1]?.fields.map((it) => it.path)).toEqual(["parameters.command", "parameters.list", "position.x"]);
  expect(found.edges).toMatchObject([{ change: "changed", fields: [{ path: "condition", before: undefined }] }]);
  expect(found.fields).toEqual([{ path: "name", before: "a", after: "b" }]);
});

test("a definition is no other than itself, however its names are ordered", () => {
  const shuffled = { edges: BEFORE.edges, nodes: BEFORE.nodes, name: "a" };
  expect(isSame(difference(BEFORE, shuffled))).toBe(true);
});
