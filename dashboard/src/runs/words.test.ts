import { expect, test } from "vitest";
import type { NodeView } from "./shapes";
import { byTurn, whoIs } from "./words";

const node = (key: string, status: NodeView["status"], begun_at: string | null, since: string) =>
  ({ key, status, begun_at, since }) as NodeView;

test("nodes stand in the order of their turns: what ended at once has no begin, and is no later for it", () => {
  const [noon, one, two] = ["2026-01-01T12:00:00Z", "2026-01-01T13:00:00Z", "2026-01-01T14:00:00Z"];
  const nodes = [
    node("build", "completed", one, two),
    node("start", "completed", null, noon),
    node("ship", "pending", null, noon),
    node("ask", "waiting", two, two),
    node("tell", "pending", null, noon),
  ];
  expect(byTurn(nodes).map((it) => it.key)).toEqual(["start", "build", "ask", "ship", "tell"]);
});

test("people are called by their address", () => {
  expect(whoIs("user:ada@example.org")).toBe("ada@example.org");
  expect(whoIs("trigger:clock")).toBe("trigger:clock");
});
