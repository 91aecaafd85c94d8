import { expect, test } from "vitest";
import { sourcesOf, templateName, upstream, valuePaths } from "./names";

const DRAFT = {
  inputs: { properties: { branch: { type: "string" } } },
  variables: { region: "eu" },
  nodes: [
    { id: "begin", type: "start" },
    { id: "build", type: "shell", label: "The  Build" },
    { id: "ship", type: "shell", pinned: { deep: [{ url: "x" }] } },
    { id: "tell", type: "console" },
    { id: "other", type: "console" },
  ],
  edges: [
    { source: "begin", target: "build" },
    { source: "build", target: "ship" },
    { source: "ship", target: "tell" },
    { source: "tell", target: "build" },
  ],
};
const SHELL = {
  type: "shell",
  result: { type: "object", properties: { exit_code: { type: "integer" }, out: { properties: { a: {} } } } },
};

test("templates call a node by its label without spaces, or by its id", () => {
  expect(templateName({ id: "X", label: "The  Build" })).toBe("thebuild");
  expect(templateName({ id: "X" })).toBe("x");
});

test("what comes before is found once, nearest first, also around a cycle", () => {
  expect(upstream(DRAFT, "tell")).toEqual(["ship", "build", "begin"]);
  expect(upstream(DRAFT, "other")).toEqual([]);
});

test("paths come from what is pinned, from the last run, or from the type's schema", () => {
  const found = sourcesOf(DRAFT, "tell", new Map([["shell", SHELL]]), new Map([["begin", { given: 1 }]]));
  expect(found).toEqual([
    { name: "ship", title: "ship", paths: ["deep", "deep.0", "deep.0.url"] },
    { name: "thebuild", title: "The  Build", paths: ["exit_code", "out", "out.a"] },
    { name: "begin", title: "begin", paths: ["given"] },
    { name: "inputs", title: "What the run is given", paths: ["branch"] },
    { name: "variables", title: "Variables", paths: ["region"] },
  ]);
});

test("names that a path cannot name, and endless depth, are left out", () => {
  expect(
    valuePaths({ "a.b": 1, "c]": 2, ok: { ok: { ok: { ok: { ok: { ok: 1 } } } } } }).every((it) =>
      /^ok(\.ok)*$/.test(it),
    ),
  ).toBe(true);
});
