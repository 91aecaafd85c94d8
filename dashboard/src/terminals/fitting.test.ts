import { expect, test } from "vitest";
import { chance } from "@/ui/chance";
import { lettersFor, ORDINARY, SMALLEST, scaleFor, wholeLines } from "./fitting";

test("letters stay within their bounds and never make the session's window larger than the room for it", () => {
  const random = chance(41);
  const side = () => 1 + Math.floor(random() * 300);
  for (let round = 0; round < 1000; round++) {
    const [fits, wanted] = [
      { cols: side(), rows: side() },
      { cols: side(), rows: side() },
    ];
    const letters = lettersFor(13, fits, wanted);
    expect(letters).toBeGreaterThanOrEqual(SMALLEST);
    expect(letters).toBeLessThanOrEqual(ORDINARY);
    if (letters > SMALLEST) {
      expect((fits.cols * 13) / letters).toBeGreaterThanOrEqual(Math.min(wanted.cols, fits.cols) - 1e-6);
      expect(wanted.cols * letters).toBeLessThanOrEqual(fits.cols * 13 + 1e-6);
      expect(wanted.rows * letters).toBeLessThanOrEqual(fits.rows * 13 + 1e-6);
    }
  }
});

test("a size that is not known yet changes nothing", () => {
  expect(lettersFor(13, { cols: 80, rows: 24 }, { cols: 0, rows: 0 })).toBe(ORDINARY);
  expect(scaleFor({ width: 0, height: 0 }, { width: 0, height: 0 })).toBe(1);
});

test("a drawing is only ever made smaller, as much as its longer side needs", () => {
  expect(scaleFor({ width: 400, height: 400 }, { width: 800, height: 500 })).toBe(0.5);
  expect(scaleFor({ width: 400, height: 400 }, { width: 80, height: 50 })).toBe(1);
});

test("however a way is cut, the lines of its parts are the lines of all of it", () => {
  const random = chance(42);
  for (let round = 0; round < 200; round++) {
    const height = 5 + random() * 20;
    let [way, lines, rest] = [0, 0, 0];
    for (let step = 0; step < 50; step++) {
      const part = random() * 30;
      way += part;
      const moved = wholeLines(rest + part, height);
      lines += moved.lines;
      rest = moved.pixels;
      expect(Math.abs(rest)).toBeLessThan(height);
    }
    expect(Math.abs(lines * height + rest - way)).toBeLessThan(1e-6);
  }
  expect(wholeLines(100, 0)).toEqual({ lines: 0, pixels: 0 });
});
