import { expect, test } from "vitest";
import { ROW, withCtrl } from "./keys";

test.each([
  ["c", "\u0003"],
  ["C", "\u0003"],
  ["[", "\u001b"],
  ["@", "\u0000"],
  [" ", "\u0000"],
  ["\\", "\u001c"],
  ["?", "\u007f"],
])("Ctrl and %j are %j", (typed, control) => expect(withCtrl(typed)).toBe(control));

test.each(["", "1", "é", "ab", "\u001b[A"])("%j stays as it is", (typed) => expect(withCtrl(typed)).toBe(typed));

test("arrows are what the program asked for", () => {
  const up = ROW.find((key) => key.name === "Up");
  expect([up?.types(false), up?.types(true)]).toEqual(["\u001b[A", "\u001bOA"]);
});

test("each key has a name of its own", () => expect(new Set(ROW.map((key) => key.name)).size).toBe(ROW.length));
