import { describe, expect, test } from "vitest";
import type { HistoryEntry, NodeView } from "./shapes";
import { placed, timeline } from "./timeline";

const second = (n: number) => new Date(n * 1_000).toISOString();
const event = (type: string, key: string | null, at: number, attempt = 1) =>
  ({ number: at, type, key, at: second(at), fact: { attempt } }) as unknown as HistoryEntry;
const node = (key: string, status: string, since: number) =>
  ({ key, status, attempt: 1, since: second(since) }) as unknown as NodeView;
const run = { begun: second(0), finished: second(10) };

describe("timeline", () => {
  test("has a bar for each attempt", () => {
    const events = [
      event("node_started", "a", 1, 1),
      event("node_failed", "a", 3, 1),
      event("node_started", "a", 5, 2),
      event("node_completed", "a", 9, 2),
    ];
    const { rows } = timeline([node("a", "completed", 9)], events, run, 0);
    expect(rows[0]?.bars.map((it) => [it.attempt, it.how, it.begun, it.end])).toEqual([
      [1, "failed", 1_000, 3_000],
      [2, "completed", 5_000, 9_000],
    ]);
  });

  test("what runs goes on until now; what was stopped ends with its node", () => {
    const events = [event("node_started", "a", 1), event("node_started", "b", 2)];
    const going = timeline([node("a", "running", 1)], events, { begun: second(0), finished: null }, 8_000);
    expect(going.rows[0]?.bars[0]).toMatchObject({ end: 8_000, open: true, how: "running" });
    const over = timeline([node("b", "cancelled", 4)], events, run, 99_000);
    expect(over.rows[0]?.bars[0]).toMatchObject({ end: 4_000, open: false, how: "cancelled" });
  });

  test("what never ran on a machine has a moment, in its order", () => {
    const nodes = [node("late", "skipped", 6), node("early", "completed", 0)];
    const { rows } = timeline(nodes, [], run, 0);
    expect(rows.map((row) => row.key)).toEqual(["early", "late"]);
    expect(rows.every((row) => row.bars.length === 1)).toBe(true);
  });

  test("waiting is a bar of its own, and items stand beneath their node", () => {
    const events = [
      event("node_started", "ask", 1),
      event("node_waiting", "ask", 2),
      event("node_completed", "ask", 7),
    ];
    const nodes = [node("other", "completed", 3), node("ask[0]", "completed", 5), node("ask", "completed", 7)];
    const { rows } = timeline(nodes, events, run, 0);
    expect(rows.map((row) => row.key)).toEqual(["ask", "ask[0]", "other"]);
    expect(rows[0]?.bars.map((it) => it.how)).toEqual(["completed", "completed"]);
  });

  test("everything fits between the beginning and the end", () => {
    const line = timeline(
      [node("a", "completed", 10)],
      [event("node_started", "a", 0), event("node_completed", "a", 10)],
      run,
      0,
    );
    expect(line.rows[0]?.bars[0] && placed(line.rows[0].bars[0], line)).toEqual({ left: 0, width: 100 });
  });
});
