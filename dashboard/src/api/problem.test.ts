import { expect, test } from "vitest";
import { Problem, readProblem } from "./problem";

test("a problem of the hub keeps its code, detail and hint", async () => {
  const body = { status: 409, code: "illegal_transition", detail: "it is done", hint: "retry it" };
  const problem = await readProblem(new Response(JSON.stringify(body), { status: 409 }));
  expect([problem.status, problem.code, problem.message, problem.hint]).toEqual([
    409,
    "illegal_transition",
    "it is done",
    "retry it",
  ]);
});

test("an answer of something else in between is a problem, too", async () => {
  const problem = await readProblem(new Response("<h1>Bad gateway</h1>", { status: 502, statusText: "Bad Gateway" }));
  expect([problem.code, problem.message]).toEqual(["http_502", "Bad Gateway"]);
});

test("no answer at all says what to do", () => {
  expect(Problem.unreachable(new TypeError("Failed to fetch")).hint).toContain("corral doctor");
});
