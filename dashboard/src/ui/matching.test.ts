import { expect, test } from "vitest";
import { ranked, score } from "./matching";

test("letters must come in their order", () => {
  expect(score("dl", "Dead letters")).not.toBeNull();
  expect(score("ld", "Dead letters")).toBeNull();
});

test("beginnings of words come first", () => {
  expect(ranked("te", ["Write notes", "Terminals", "Tasks: export"], (it) => it)[0]).toBe("Terminals");
});

test("an empty query lets everything stand in its order of length", () => {
  expect(ranked("", ["bbb", "a"], (it) => it)).toEqual(["a", "bbb"]);
});
