import { describe, expect, test } from "vitest";
import { BINARY, conditionText, UNARY, withKind, withOperator, withoutMember } from "./condition";
import type { Json } from "./json";

test("there are the 24 operators of the engine", () => {
  expect(Object.keys({ ...BINARY, ...UNARY })).toHaveLength(24);
});

describe("as text", () => {
  test.each<[Json, string]>([
    [{ field: "exit_code", operator: "eq", value: 0 }, "exit_code = 0"],
    [{ field: "", operator: "contains", value: "x" }, 'output contains "x"'],
    [{ field: "a", operator: "is_empty" }, "a is empty"],
    [{ operator: "exists" }, "output exists"],
    [
      {
        all: [
          { field: "a", operator: "exists" },
          {
            any: [
              { field: "b", value: 1 },
              { field: "c", value: null },
            ],
          },
        ],
      },
      "a exists and (b = 1 or c = null)",
    ],
    [{ any: [] }, "?"],
    ["nonsense", "?"],
    [{ field: 5, operator: "newer", value: [1] }, "output newer [1]"],
  ])("%j reads %s", (condition, text) => expect(conditionText(condition)).toBe(text));

  test("what is nested without end is cut off", () => {
    let deep: Json = { field: "x", operator: "exists" };
    for (let times = 0; times < 50; times++) deep = { all: [deep] };
    expect(conditionText(deep)).toBe("?");
  });
});

test("a value goes where none is asked for, and comes back empty", () => {
  const question = { field: "a", operator: "eq", value: 3, note: "kept" };
  const without = withOperator(question, "exists");
  expect(without).toEqual({ field: "a", operator: "exists", note: "kept" });
  expect(withOperator(without, "gt")).toEqual({ field: "a", operator: "gt", value: "", note: "kept" });
});

test("a group that is left with nothing goes, too", () => {
  const [a, b] = [
    { field: "a", operator: "exists" },
    { field: "b", operator: "exists" },
  ];
  const nested: Json = { all: [a, { any: [b] }] };
  expect(withoutMember(nested, ["all", 1, "any", 0])).toEqual({ all: [a] });
  expect(withoutMember({ all: [{ any: [b] }] }, ["all", 0, "any", 0])).toBeNull();
  expect(withoutMember(nested, ["all", 0])).toEqual({ all: [{ any: [b] }] });
});

test("a group becomes the other kind with the same members", () => {
  expect(withKind({ all: [1, 2] }, "any")).toEqual({ any: [1, 2] });
  expect(withKind({ field: "a" }, "all")).toEqual({ all: [{ field: "a" }] });
});
