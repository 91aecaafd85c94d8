import { expect, test } from "vitest";
import { errorAt, placed, problemsAt } from "./places";

const DRAFT = {
  nodes: [
    { id: "a", type: "start" },
    { id: "b", type: "shell" },
  ],
  edges: [{ source: "a", target: "b" }],
};
const problem = (path: string) => ({ path, code: "x", problem: `at ${path}`, hint: "", warning: false });

test("problems are found where they are", () => {
  const found = placed(
    DRAFT,
    ["/nodes/1/parameters/command", "/edges/0/condition/all/0/operator", "/inputs", "/nodes/7", ""].map(problem),
  );
  expect(found.map((it) => it.place)).toEqual([
    { of: "node", key: "b", field: "parameters.command" },
    { of: "edge", key: "a.main→b.main", field: "condition.all.0.operator" },
    { of: "workflow", key: "", field: "inputs" },
    { of: "workflow", key: "", field: "nodes.7" },
    { of: "workflow", key: "", field: "" },
  ]);
  const mine = problemsAt(found, "node", "b");
  expect(errorAt(mine, "parameters.command")).toBe("at /nodes/1/parameters/command");
  expect(errorAt(mine, "parameters")).not.toBeNull();
  expect(errorAt(mine, "parameters.comm")).toBeNull();
});
