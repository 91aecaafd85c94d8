import { expect, test } from "vitest";
import { linesOf } from "./outputLines";
import type { Chunk } from "./shapes";

const chunk = (id: number, text: string, stream = "stdout") => ({ id, text, stream }) as Chunk;
const texts = (...chunks: Chunk[]) => linesOf(chunks).map((line) => line.text);

test("a line that was cut by a piece's end is whole again", () => {
  expect(texts(chunk(1, "one\ntw"), chunk(2, "o\nthree"))).toEqual(["one\n", "two\n", "three"]);
});

test("streams are not mixed into one line", () => {
  expect(texts(chunk(1, "out"), chunk(2, "err", "stderr"))).toEqual(["out", "err"]);
});

test("colours, titles and control characters are taken out", () => {
  expect(texts(chunk(1, "\u001b[31mred\u001b[0m \u001b]0;title\u0007plain\u0000\u0008\tend"))).toEqual([
    "red plain\tend",
  ]);
});
