import { expect, test } from "vitest";
import type { RunStep } from "./shapes";
import { trailOf } from "./trail";

const definition = {
  nodes: [{ id: "a" }, { id: "b" }, { id: "c" }],
  edges: [
    { source: "a", target: "b" },
    { source: "a", target: "b", condition: { field: "x", operator: "eq", value: 1 } },
    { source: "b", target: "c" },
    { source: "c", target: "a", part: true },
  ],
};
const step = (source: string, target: string, taken: boolean | null): RunStep => ({
  source,
  target,
  source_handle: "main",
  target_handle: "main",
  taken,
});

test("each edge says whether the run went along it, also of two between the same ends", () => {
  const trail = trailOf(definition, [step("a", "b", true), step("a", "b", false), step("b", "c", null)]);
  expect(trail.map((it) => it.className)).toEqual(["taken", "skipped", "open", "part"]);
});

test("what nothing is known about is not decided", () => {
  expect(trailOf(definition, []).map((it) => it.className)).toEqual(["open", "open", "open", "part"]);
});
