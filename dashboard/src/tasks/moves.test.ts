import { expect, test } from "vitest";
import { isLegal, MOVES, moveBetween, movesFrom } from "./moves";
import { ENDED, STATUSES } from "./shapes";

test("every move we offer is one that the hub's table has", () => {
  for (const move of MOVES)
    for (const from of move.from) expect(isLegal(from, move.to), `${from} → ${move.to}`).toBe(true);
});

test("of what has ended only the failed can go on", () => {
  for (const status of ENDED) expect(movesFrom(status, true).length > 0).toBe(status === "failed");
});

test("between two states there is at most one move", () => {
  for (const from of STATUSES) {
    const targets = movesFrom(from, true).map((move) => move.to);
    expect(new Set(targets).size).toBe(targets.length);
  }
});

test("what a machine works on is not completed by hand", () => {
  expect(moveBetween("running", "done", false)).toBeUndefined();
  expect(moveBetween("running", "done", true)?.key).toBe("complete");
});
