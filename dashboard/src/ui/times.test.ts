import { expect, test } from "vitest";
import { ago, span } from "./times";

test.each([
  [0.4, "now"],
  [5, "5 s"],
  [61, "1 min"],
  [-7_300, "2 h"],
  [200_000, "2 d"],
])("%d seconds are %s", (seconds, words) => expect(ago(seconds)).toBe(words));

test.each([
  [85, "85 ms"],
  [1_250, "1.3 s"],
  [59_900, "60 s"],
  [185_000, "3 min 5 s"],
  [7_440_000, "2 h 4 min"],
])("%d milliseconds are %s", (milliseconds, words) => expect(span(milliseconds)).toBe(words));
