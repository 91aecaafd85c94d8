import { expect, test } from "vitest";
import { readVisit, tabOf, visitTo } from "./visit";

test.each([
  [{}, "terminal"],
  [{ replay: "" }, "replay"],
  [{ replay: true, at: 12.5 }, "replay"],
  [{ replay: false, about: true }, "about"],
] as const)("%j is the %s", (search, tab) => expect(tabOf(readVisit(search))).toBe(tab));

test("a moment is a number that is none below zero", () => {
  expect(readVisit({ at: "12.5" })).toEqual({ at: 12.5 });
  for (const at of ["x", -1, Number.NaN, {}]) expect(readVisit({ at })).toEqual({});
});

test("each tab has its address", () => {
  for (const tab of ["terminal", "replay", "about"] as const) expect(tabOf(readVisit({ ...visitTo(tab) }))).toBe(tab);
});
