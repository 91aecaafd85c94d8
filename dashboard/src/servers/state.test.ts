import { expect, test } from "vitest";
import { addressOf, countdown, overridden, type Server, stateOf } from "./state";

const server = (more: Partial<Server>) =>
  ({ connected: true, cordoned: false, draining: false, slots: { used: 0, max: 2 }, overrides: {}, ...more }) as Server;

test.each([
  [{ connected: false, draining: true }, "offline"],
  [{ cordoned: true, draining: true }, "cordoned"],
  [{ draining: true }, "draining"],
  [{}, "online"],
])("%j is %s", (more, word) => expect(stateOf(server(more)).word).toBe(word));

test("a full machine says so", () => {
  expect(stateOf(server({ slots: { used: 2, max: 2 } })).why).toBe("every slot is taken");
});

test("only what was overridden is told", () => {
  const given = server({
    overrides: { tags: ["gpu"] },
    announced: { tags: [] } as never,
    capabilities: { tags: ["gpu"] } as never,
  });
  expect(overridden(given)).toEqual([{ field: "tags", announced: [], now: ["gpu"] }]);
});

test.each([
  [299_000, "4:59"],
  [3_661_000, "1:01:01"],
  [0, null],
  [-5, null],
])("%d milliseconds are %s", (left, words) => {
  expect(countdown(new Date(1_000_000 + left).toISOString(), 1_000_000)).toBe(words);
});

test.each([
  ["vm", "vm"],
  ["büro-3.local", "büro-3.local"],
  ["join", "7f3a"],
  ["..", "7f3a"],
  ["-rf", "7f3a"],
  ["a/b", "7f3a"],
  ["$(touch x)", "7f3a"],
])("a machine called %j is at %j", (name, address) => expect(addressOf({ id: "7f3a", name })).toBe(address));
