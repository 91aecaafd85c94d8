import { expect, test } from "vitest";
import { chance } from "@/ui/chance";
import { Finder } from "./plain";

test("a text is found through colours and cursor moves, and however the output is cut", () => {
  const output =
    "one\r\n\u001b[1;31mEr\u001b[0mror\u001b]0;title error\u0007: no\u001b[K space\r\n\u001b(Bthe last \u001b[?25lerror";
  const random = chance(91);
  for (let round = 0; round < 300; round++) {
    const finder = new Finder("error");
    const hits = [];
    for (let at = 0; at < output.length; ) {
      const end = at + 1 + Math.floor(random() * 9);
      hits.push(...finder.feed(at, output.slice(at, end)));
      at = end;
    }
    hits.push(...finder.end(99));
    expect(hits.map((it) => it.line)).toEqual(["Error: no space", "the last error"]);
  }
});

test("nothing is found where nothing is looked for, and a line without end costs no more than its end", () => {
  expect(new Finder("").feed(0, "x\n")).toEqual([]);
  const finder = new Finder("needle");
  for (let round = 0; round < 100; round++) finder.feed(round, "hay".repeat(5000));
  expect(finder.feed(100, "needle\n")[0]?.line).toContain("needle");
});

test("a sequence that never ends holds nothing back for ever", () => {
  const finder = new Finder("after");
  finder.feed(0, `\u001b]${"x".repeat(10_000)}`);
  expect(finder.feed(1, "after\n")).toHaveLength(1);
});
