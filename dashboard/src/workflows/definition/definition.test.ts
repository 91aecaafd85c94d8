import { describe, expect, test } from "vitest";
import { addNode, connect, edgesOf, freshId, move, nodesOf, remove, renameNode, setField, setGate } from "./definition";
import type { JsonObject } from "./json";

const DRAFT: JsonObject = {
  $schema: "kept",
  name: "release",
  nodes: [
    { id: "begin", type: "start", position: { x: 1, y: 2, z: "kept" }, strange: { kept: true } },
    { id: "build", type: "shell", parameters: { command: "make", extra: [1, { a: null }] } },
    { id: "build", type: "shell" },
    "no node at all",
  ],
  edges: [
    { source: "begin", target: "build", label: "kept" },
    { source: "build", target: "nowhere", source_handle: "error" },
  ],
  unknown: [1, 2, 3],
};
const bytes = (value: unknown) => JSON.stringify(value);

describe("edits", () => {
  test("leave every byte beside them as it is", () => {
    const edited = setField(DRAFT, "nodes", 1, ["parameters", "command"], "make all");
    expect(bytes(edited)).toBe(bytes(DRAFT).replace('"make"', '"make all"'));
    expect(bytes(setField(edited, "nodes", 1, ["parameters", "command"], "make"))).toBe(bytes(DRAFT));
  });

  test("a node is moved and nothing else", () => {
    const moved = move(DRAFT, new Map([["begin", { x: 10.4, y: 20 }]]));
    expect(bytes(moved)).toBe(bytes(DRAFT).replace('"x":1,"y":2', '"x":10,"y":20'));
  });

  test("what is added and removed again leaves no trace", () => {
    const { definition, id } = addNode(DRAFT, "shell", { x: 0, y: 0 }, { id: "begin", handle: "main" });
    expect(id).toBe("shell");
    expect(edgesOf(definition).at(-1)?.value).toEqual({ source: "begin", target: "shell" });
    expect(bytes(remove(definition, new Set([id])))).toBe(bytes(DRAFT));
  });

  test("a node that goes takes its edges along", () => {
    const rest = remove(DRAFT, new Set(["begin"]));
    expect(edgesOf(rest).map((it) => it.value.target)).toEqual(["nowhere"]);
    expect(nodesOf(rest).map((it) => it.key)).toEqual(["build", "build#1"]);
  });

  test("edges follow a node that gets another id, and an id that is taken changes nothing", () => {
    const renamed = renameNode(DRAFT, 0, "first");
    expect(edgesOf(renamed)[0]?.value).toEqual({ source: "first", target: "build", label: "kept" });
    expect(renameNode(DRAFT, 0, "build")).toBe(DRAFT);
    expect(renameNode(DRAFT, 0, "")).toBe(DRAFT);
  });

  test("an edge is made once, and never from a node to itself", () => {
    const ends = { source: "begin", target: "build", source_handle: "main", target_handle: "main" };
    expect(connect(DRAFT, ends)).toBe(DRAFT);
    expect(connect(DRAFT, { ...ends, target: "begin" })).toBe(DRAFT);
    expect(edgesOf(connect(DRAFT, { ...ends, source_handle: "x" })).at(-1)?.value).toEqual({
      source: "begin",
      target: "build",
      source_handle: "x",
    });
  });

  test("ids that are taken are counted on", () => {
    expect(freshId(DRAFT, "build")).toBe("build_2");
    expect(freshId(DRAFT, 'a b/"c"')).toBe("a_b_c_");
  });

  test("an edge has one way of deciding", () => {
    const edge = { source: "a", target: "b", part: false };
    const asked = setGate(edge, { field: "x", operator: "exists" });
    expect(asked).toEqual({ ...edge, condition: { field: "x", operator: "exists" } });
    expect(setGate(asked, "otherwise")).toEqual({ ...edge, otherwise: true });
    expect(bytes(setGate(setGate(asked, "otherwise"), "always"))).toBe(bytes(edge));
  });
});

test("two nodes of the same id are told apart", () => {
  expect(nodesOf(DRAFT).map((it) => [it.key, it.index])).toEqual([
    ["begin", 0],
    ["build", 1],
    ["build#2", 2],
  ]);
});

test("what is no definition has no nodes, and breaks nothing", () => {
  for (const odd of [{}, { nodes: "x", edges: 5 }, { nodes: [null, 1, []], edges: [{}] }] as JsonObject[]) {
    expect(nodesOf(odd)).toEqual([]);
    expect(() => move(odd, new Map())).not.toThrow();
    expect(() => remove(odd, new Set(["?"]))).not.toThrow();
  }
});
