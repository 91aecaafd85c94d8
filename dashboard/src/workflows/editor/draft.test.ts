import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Problem } from "@/api/problem";
import type { Definition } from "../definition/definition";
import type { WorkflowDetail } from "../shapes";
import { DraftStore } from "./draft";

const workflow = (definition: Definition, at: number) =>
  ({ id: 1, definition, updated_at: new Date(at).toISOString() }) as unknown as WorkflowDetail;

/** A hub that keeps one draft and refuses to save over one that it was not told of. */
function fakeHub(first: WorkflowDetail) {
  let now = first;
  return {
    saves: 0,
    get now() {
      return now;
    },
    change(definition: Definition) {
      now = workflow(definition, Date.parse(now.updated_at) + 1_000);
      return now;
    },
    async save(definition: Definition, since: string) {
      if (since !== now.updated_at) throw new Problem(409, "draft_changed", "changed", "");
      this.saves += 1;
      return this.change(definition);
    },
    async load() {
      return now;
    },
  };
}

function scene() {
  const first = workflow({ name: "a" }, 1_000);
  const hub = fakeHub(first);
  return { hub, draft: new DraftStore(first, { save: (it, since) => hub.save(it, since), load: () => hub.load() }) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("edits are saved once after a pause", async () => {
  const { hub, draft } = scene();
  for (const name of ["b", "bc", "bcd"]) draft.edit((it) => ({ ...it, name }), "name");
  expect(draft.dirty).toBe(true);
  await vi.runAllTimersAsync();
  expect([hub.saves, hub.now.definition.name, draft.dirty]).toEqual([1, "bcd", false]);
});

test("what others saved is taken over where nothing was edited here", () => {
  const { hub, draft } = scene();
  draft.heard(hub.change({ name: "theirs" }));
  expect(draft.snapshot().history.now).toEqual({ name: "theirs" });
  expect(draft.dirty).toBe(false);
});

test("two editors: the second is asked, and neither is overwritten until then", async () => {
  const { hub, draft } = scene();
  hub.change({ name: "theirs" });
  draft.edit((it) => ({ ...it, name: "mine" }));
  await vi.runAllTimersAsync();
  expect(draft.snapshot().phase).toMatchObject({ name: "conflict", theirs: { definition: { name: "theirs" } } });
  draft.edit((it) => ({ ...it, more: 1 }));
  await vi.runAllTimersAsync();
  expect(hub.now.definition).toEqual({ name: "theirs" });
  await expect(draft.flush()).rejects.toThrow("somebody else");
  draft.keepMine();
  await vi.runAllTimersAsync();
  expect(hub.now.definition).toEqual({ name: "mine", more: 1 });
});

test("taking theirs can be undone", async () => {
  const { hub, draft } = scene();
  draft.edit((it) => ({ ...it, name: "mine" }));
  draft.heard(hub.change({ name: "theirs" }));
  draft.takeTheirs();
  expect(draft.snapshot().history.now).toEqual({ name: "theirs" });
  draft.undo();
  expect(draft.snapshot().history.now).toEqual({ name: "mine" });
  await vi.runAllTimersAsync();
  expect(hub.now.definition).toEqual({ name: "mine" });
});

test("the echo of an own save, and news that are old, change nothing", async () => {
  const { hub, draft } = scene();
  const old = hub.now;
  draft.edit((it) => ({ ...it, name: "mine" }));
  await vi.runAllTimersAsync();
  draft.heard(hub.now);
  draft.heard(old);
  expect(draft.snapshot()).toMatchObject({ history: { now: { name: "mine" } }, phase: { name: "quiet" } });
});

test("a hub that cannot be reached is said, and tried again with the next edit", async () => {
  const { hub, draft } = scene();
  const save = hub.save.bind(hub);
  hub.save = () => Promise.reject(Problem.unreachable("gone"));
  draft.edit((it) => ({ ...it, name: "b" }));
  await vi.runAllTimersAsync();
  expect(draft.snapshot().phase.name).toBe("failed");
  hub.save = save;
  draft.edit((it) => ({ ...it, name: "c" }));
  await vi.runAllTimersAsync();
  expect([hub.now.definition.name, draft.snapshot().phase.name]).toEqual(["c", "quiet"]);
});

test("an edit during a save is saved after it", async () => {
  const { hub, draft } = scene();
  draft.edit((it) => ({ ...it, name: "b" }));
  const saving = draft.flush();
  draft.edit((it) => ({ ...it, name: "c" }));
  await saving;
  await vi.runAllTimersAsync();
  expect([hub.now.definition.name, draft.dirty]).toEqual(["c", false]);
});

test("a workflow that was renamed or published meanwhile is no other draft", async () => {
  const { hub, draft } = scene();
  draft.edit((it) => ({ ...it, name: "mine" }));
  hub.change({ name: "a" });
  await vi.runAllTimersAsync();
  expect([hub.now.definition.name, draft.snapshot().phase.name]).toEqual(["mine", "quiet"]);
  draft.edit((it) => ({ ...it, name: "more" }));
  draft.heard(hub.change({ name: "mine" }));
  expect(draft.snapshot().phase.name).toBe("quiet");
  await vi.runAllTimersAsync();
  expect(hub.now.definition.name).toBe("more");
  expect(draft.snapshot().history.past).toHaveLength(2);
});
