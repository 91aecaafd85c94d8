import { expect, test } from "vitest";
import { EMPTY, problemWith, readDraft } from "./draft";

test("a command with an input and a promise", () => {
  const body = readDraft({
    ...EMPTY,
    title: " Build ",
    command: "make",
    dependencies: [{ task: "t1", title: "Api", contract: "api" }],
    contracts: '[{"key": "client"}]',
  });
  expect(body).toMatchObject({
    title: "Build",
    dependencies: [{ depends_on_task_id: "t1", dependency_type: "input", contract_key: "api" }],
    structured_spec: { run: { kind: "command", shell: "make" }, contracts: [{ key: "client" }] },
  });
});

test("a manual task has no run", () => {
  expect(readDraft({ ...EMPTY, kind: "manual" }).structured_spec).toEqual({});
});

test.each([
  ["", null],
  ["[]", null],
  ["{}", "it must be a list of contracts"],
])("contracts %j", (contracts, problem) => expect(problemWith({ ...EMPTY, contracts })).toBe(problem));

test("broken JSON is said to be so", () => expect(problemWith({ ...EMPTY, contracts: "[" })).toContain("no JSON"));
