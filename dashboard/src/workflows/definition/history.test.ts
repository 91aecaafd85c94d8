import { expect, test } from "vitest";
import { begin, redo, step, undo } from "./history";

test("what was done is undone and redone in order", () => {
  let history = step(step(begin("a"), "b"), "c");
  history = undo(undo(history));
  expect(history.now).toBe("a");
  expect(undo(history)).toBe(history);
  history = redo(redo(history));
  expect(history.now).toBe("c");
  expect(redo(history)).toBe(history);
});

test("typing into one field is one step", () => {
  let history = begin("");
  for (const text of ["m", "ma", "mak", "make"]) history = step(history, text, "command");
  history = step(history, "make all", "other field");
  expect(undo(history).now).toBe("make");
  expect(undo(undo(history)).now).toBe("");
});

test("after an undo the same field begins a new step, and what was undone is gone", () => {
  const typed = step(step(begin("a"), "b", "x"), "c", "x");
  const again = step(undo(typed), "d", "x");
  expect(again.future).toEqual([]);
  expect(undo(again).now).toBe("a");
});

test("what changes nothing is no step, and the past is bounded", () => {
  const history = begin(0);
  expect(step(history, 0)).toBe(history);
  let long = begin(0);
  for (let number = 1; number < 1_000; number++) long = step(long, number);
  expect(long.past.length).toBe(200);
});
