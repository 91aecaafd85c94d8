import { expect, test } from "vitest";
import { arranged, doing, filtersOf, readSearch, searchFor, stampOf } from "./filters";
import type { Session } from "./queries";

const session = (name: string, attention: string | null, since = 0, status = "running") =>
  ({
    id: name,
    name,
    status,
    created_at: "2026-01-01T00:00:00Z",
    attention: attention && { attention, since, why: "", evidence: null },
  }) as unknown as Session;

test("an address without filters, and one with nonsense, shows what lives as a grid", () => {
  expect(filtersOf(readSearch({}))).toEqual({ status: "live", view: "grid" });
  expect(readSearch({ status: "x", view: 3, server: "", attention: ["idle"] })).toEqual({});
});

test("what an address says, filters say, and the other way round", () => {
  const search = { status: "all", attention: "idle", server: "vm", project: "shop", view: "list" } as const;
  expect(readSearch(search)).toEqual(search);
  expect(searchFor(filtersOf(search))).toEqual(search);
});

test("who waits for somebody comes first, the longest wait at the top; what is over comes last", () => {
  const names = arranged(
    [
      session("idle", "idle", 9),
      session("over", "dead", 99, "closed"),
      session("asks", "waits_for_input", 50),
      session("busy", "working", 5),
      session("asks longer", "waits_for_input", 20),
      session("new", null),
      session("busier", "working", 6),
    ],
    undefined,
  ).map((it) => it.name);
  expect(names).toEqual(["asks longer", "asks", "busier", "busy", "new", "idle", "over"]);
});

test("a session that two pages brought is there once", () => {
  expect(arranged([session("a", "idle"), session("a", "idle")], undefined)).toHaveLength(1);
  expect(arranged([session("a", "idle"), session("b", "working")], "working").map((it) => it.name)).toEqual(["b"]);
});

test("what a session is doing is its status where nothing else is known, and at its end", () => {
  expect(doing(session("a", null, 0, "starting"))).toBe("starting");
  expect(doing(session("a", "finished", 0, "closed"))).toBe("closed");
  expect(doing(session("a", "idle"))).toBe("idle");
});

test("times of the hub are times", () => {
  expect(stampOf(0)).toBe("1970-01-01T00:00:00.000Z");
  expect(stampOf(undefined)).toBeNull();
});
