import { expect, test } from "vitest";
import { chance } from "@/ui/chance";
import { COLUMN, GAP, LIST, NARROW, openColumns } from "./columns";
import { STATUSES, type TaskStatus } from "./shapes";

test("columns that hold work are open, in the order of the states", () => {
  expect(openColumns({ done: 3, pending: 1, running: 0 }, 1000, [], [])).toEqual(["pending", "done"]);
});

test("where there is no room for all, what waits for people comes first, and a choice before it", () => {
  const counts = Object.fromEntries(STATUSES.map((it) => [it, 1]));
  expect(openColumns(counts, 1000, [], [])).toEqual(["plan_review", "running", "review", "needs_human"]);
  expect(openColumns(counts, 1000, ["cancelled"], [])).toContain("cancelled");
  expect(openColumns(counts, 340, ["done", "failed"], [])).toEqual(["done"]);
  expect(openColumns(counts, 10 * (COLUMN + GAP) - GAP, [], [])).toEqual(STATUSES);
});

test("a column that is empty by now stays, until its room is needed", () => {
  expect(openColumns({ done: 1 }, 1000, [], ["running"])).toEqual(["running", "done"]);
  const counts = { pending: 1, planning: 1, review: 1, failed: 1 };
  expect(openColumns(counts, 1000, [], ["running"])).not.toContain("running");
});

test("whatever holds work and however wide: what is open fits, and something is", () => {
  const random = chance(91);
  const some = () => STATUSES.filter(() => random() < 0.5);
  for (let round = 0; round < 2000; round++) {
    const width = 200 + Math.floor(random() * 2400);
    const counts: Partial<Record<TaskStatus, number>> = Object.fromEntries(some().map((it) => [it, 1]));
    const open = openColumns(counts, width, some().slice(0, 2), some());
    const list = open.length === STATUSES.length || width < NARROW ? 0 : LIST + GAP;
    expect(open.length * (COLUMN + GAP) - GAP + list).toBeLessThanOrEqual(Math.max(width, COLUMN));
    if (Object.keys(counts).length > 0) expect(open.length).toBeGreaterThan(0);
    expect(open).toEqual(STATUSES.filter((it) => open.includes(it)));
  }
});
