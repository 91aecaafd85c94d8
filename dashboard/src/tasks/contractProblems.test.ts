import { expect, test } from "vitest";
import { problemsOf } from "./contractProblems";

test("problems are told by contract", () => {
  const feedback = {
    contract_problems: [
      { key: "api", pointer: "/a", problem: "is missing" },
      { key: "api", pointer: "/b", problem: "is no number" },
    ],
  };
  expect(problemsOf(feedback).get("api")).toEqual(["/a: is missing", "/b: is no number"]);
});

test.each([null, undefined, "text", { contract_problems: 3 }, { review_feedback: "x" }])(
  "%s holds none",
  (feedback) => {
    expect(problemsOf(feedback).size).toBe(0);
  },
);
