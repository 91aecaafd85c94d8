import { expect, test } from "vitest";
import { joined, tail } from "./logs";

const piece = (first: number, ...lines: string[]) => ({ key: "build", attempt: 1, first, dropped: 0, lines });

test("pieces become one text; what was read and told as well stands there once", () => {
  const [block] = joined([piece(1, "a", "b"), piece(3, "c"), piece(2, "b", "c", "d")]);
  expect(block?.lines.map((it) => it.text).join("")).toBe("abcd");
  expect(block?.missing).toBe(0);
});

test("each attempt and each item has a block of its own", () => {
  const blocks = joined([piece(1, "a"), { ...piece(1, "x"), attempt: 2 }, { ...piece(1, "y"), key: "build[0]" }]);
  expect(blocks.map((it) => `${it.key} ${it.attempt}`)).toEqual(["build 1", "build 2", "build[0] 1"]);
});

test("lines that were let go are counted", () => {
  const [block] = joined([piece(5, "e", "f")]);
  expect(block && tail(block, 1)).toEqual({ lines: [{ number: 6, text: "f" }], before: 5 });
});
