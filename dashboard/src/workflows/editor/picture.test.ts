import { expect, test } from "vitest";
import { type Definition, edgesOf, nodesOf, setField } from "../definition/definition";
import { NO_MARKS } from "./graph";
import { type Picture, picturing } from "./picture";

const COUNT = 600;
const NODES = Array.from({ length: COUNT }, (_, index) => ({
  id: `n${index}`,
  type: index === 0 ? "start" : "shell",
  parameters: { command: `echo ${index}` },
  position: { x: index * 300, y: 0 },
}));
const EDGES = NODES.slice(1).map((node, index) => ({ source: `n${index}`, target: node.id }));
const DRAFT: Definition = { nodes: NODES, edges: EDGES };
const UNPLACED: Definition = { nodes: NODES.map(({ position: _position, ...node }) => node), edges: EDGES };
const SEEN = {
  manifests: new Map([["shell", { type: "shell", title: "Shell" }]]),
  marks: NO_MARKS,
  fleeting: new Map(),
  selected: new Set(["n7"]),
};
const COMMAND = ["parameters", "command"];

/** The ids of the cards and edges that are not the ones they were. */
function drawn(before: Picture, now: Picture): readonly string[] {
  const known = new Set<unknown>([...before.nodes, ...before.edges]);
  return [...now.nodes, ...now.edges].filter((it) => !known.has(it)).map((it) => it.id);
}

test.each([DRAFT, UNPLACED])("typing into a parameter draws nothing, whether nodes were placed or not", (draft) => {
  const draw = picturing();
  const before = draw({ ...SEEN, definition: draft });
  let definition = draft;
  for (const text of ["e", "ec", "ech"]) {
    definition = setField(definition, "nodes", 7, COMMAND, text);
    const now = draw({ ...SEEN, selected: new Set(["n7"]), definition });
    expect(now.nodes).toBe(before.nodes);
    expect(now.edges).toBe(before.edges);
  }
});

test("another name draws one card, a condition one edge, a selection the two that it is about", () => {
  const draw = picturing();
  const first = draw({ ...SEEN, definition: DRAFT });
  const named = setField(DRAFT, "nodes", 7, ["label"], "seven");
  const second = draw({ ...SEEN, definition: named });
  expect(drawn(first, second)).toEqual(["n7"]);
  const asked = setField(named, "edges", 2, ["condition"], { field: "x", operator: "exists" });
  const third = draw({ ...SEEN, definition: asked });
  expect(drawn(second, third)).toEqual(["n2.main→n3.main"]);
  const fourth = draw({ ...SEEN, definition: asked, selected: new Set(["n9"]) });
  expect(drawn(third, fourth)).toEqual(["n7", "n9"]);
  const dragged = draw({
    ...SEEN,
    definition: asked,
    selected: new Set(["n9"]),
    fleeting: new Map([["n9", { position: { x: 1, y: 2 }, dragging: true }]]),
  });
  expect(drawn(fourth, dragged)).toEqual(["n9"]);
});

test("what is taken away is gone, and what comes back is drawn", () => {
  const draw = picturing();
  const whole = draw({ ...SEEN, definition: DRAFT });
  const fewer = draw({ ...SEEN, definition: { nodes: NODES.slice(0, -1), edges: EDGES.slice(0, -1) } });
  expect([fewer.nodes.length, fewer.edges.length]).toEqual([COUNT - 1, COUNT - 2]);
  expect(drawn(fewer, draw({ ...SEEN, definition: DRAFT }))).toEqual(["n599", "n598.main→n599.main"]);
  expect(whole.nodes).toHaveLength(COUNT);
});

test("the items of a list are made once", () => {
  const edited = setField(DRAFT, "nodes", 7, COMMAND, "x");
  expect(edgesOf(edited)).toBe(edgesOf(DRAFT));
  expect(nodesOf(edited)).toBe(nodesOf(edited));
  expect(nodesOf(edited)[7]?.value).not.toBe(nodesOf(DRAFT)[7]?.value);
});
