import { expect, test } from "vitest";
import { chance } from "@/ui/chance";
import { type CastEvent, CastReader, sizeOf } from "./cast";

const HEADER = JSON.stringify({ version: 2, width: 100, height: 30, timestamp: 0, title: "x" });

test("a recording is read the same however it is cut", () => {
  const random = chance(71);
  const events: CastEvent[] = Array.from({ length: 60 }, (_, at) => ({
    at: at / 3,
    code: "orm".charAt(Math.floor(random() * 3)),
    text: String.fromCharCode(...Array.from({ length: 12 }, () => Math.floor(random() * 0x3000))),
  }));
  const lines = [HEADER, ...events.map((it) => JSON.stringify([it.at, it.code, it.text]))].join("\n");
  for (let round = 0; round < 100; round++) {
    const reader = new CastReader();
    const read: CastEvent[] = [];
    for (let at = 0; at <= lines.length; ) {
      const end = at + 1 + Math.floor(random() * 200);
      read.push(...reader.feed(lines.slice(at, end)));
      at = end;
    }
    read.push(...reader.feed("\n"));
    expect(read).toEqual(events);
    expect(reader.header).toEqual({ cols: 100, rows: 30 });
  }
});

test("what is no recording is refused, what is no event is passed over", () => {
  expect(() => new CastReader().feed('{"version": 1}\n')).toThrow("asciicast");
  expect(() => new CastReader().feed("<html>\n")).toThrow();
  expect(new CastReader().feed(`${HEADER}\n[1]\n["x","o","y"]\n{"a":1}\n\n[2,"o","ok"]\n`)).toEqual([
    { at: 2, code: "o", text: "ok" },
  ]);
});

test("sizes are sizes", () => {
  expect(sizeOf("120x40")).toEqual({ cols: 120, rows: 40 });
  for (const text of ["", "x", "0x5", "5x", "5000x5", "a x b"]) expect(sizeOf(text)).toBeNull();
});
