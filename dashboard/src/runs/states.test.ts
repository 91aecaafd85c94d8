import { expect, test } from "vitest";
import type { RunNodes } from "@/api/messages";
import type { NodeView, RunWhole } from "./shapes";
import { newer, withProgress, withStates } from "./states";

const node = { key: "build", status: "scheduled", attempt: 0, server_id: null, server: null } as unknown as NodeView;
const run = { id: "r", number: 4, nodes: [node] } as unknown as RunWhole;
const state = {
  key: "build",
  status: "running",
  attempt: 1,
  why: null,
  since: "2026-01-01T00:00:00Z",
  server_id: "s",
  error: null,
  waits_for: null,
} as const;
const told: RunNodes = {
  type: "run_nodes",
  run_id: "r",
  project_id: "p",
  number: 6,
  nodes: [state],
  complete: true,
  at: state.since,
};

test("what is newer takes the place of what was known", () => {
  const after = withStates(run, told);
  expect(after.number).toBe(6);
  expect(after.nodes[0]).toMatchObject({ status: "running", attempt: 1, server_id: "s" });
});

test("what is older, or of another run, changes nothing", () => {
  expect(withStates(run, { ...told, number: 4 })).toBe(run);
  expect(withStates(run, { ...told, run_id: "other" })).toBe(run);
});

test("a node that nobody knew is added, and one that waits says for what", () => {
  const after = withStates(run, {
    ...told,
    nodes: [{ ...state, key: "ask", status: "waiting", waits_for: "approve" }],
  });
  expect(after.nodes.map((it) => it.key)).toEqual(["build", "ask"]);
  expect(after.nodes[1]?.wish).toEqual({ type: "approve" });
});

test("progress is of one attempt, and gone with its end", () => {
  const running = withStates(run, told);
  const line = {
    type: "run_progress",
    run_id: "r",
    project_id: "p",
    key: "build",
    done: 0.5,
    text: "half",
    at: "",
  } as const;
  expect(withProgress(running, { ...line, attempt: 2 }).nodes[0]?.progress).toBeUndefined();
  const half = withProgress(running, { ...line, attempt: 1 });
  expect(half.nodes[0]?.progress?.done).toBe(0.5);
  const ended = withStates(half, { ...told, number: 7, nodes: [{ ...state, status: "completed" }] });
  expect(ended.nodes[0]?.progress).toBeUndefined();
});

test("an answer that was on its way does not undo what was told since", () => {
  const later = withStates(run, told);
  expect(newer(later, run)).toBe(later);
  expect(newer(run, later)).toBe(later);
  expect(newer(undefined, run)).toBe(run);
});
