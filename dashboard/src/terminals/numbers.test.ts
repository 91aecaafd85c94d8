import { expect, test } from "vitest";
import { moment, size } from "./numbers";

test.each([
  [0, "0 bytes"],
  [1023, "1023 bytes"],
  [1536, "1.5 KiB"],
  [64 * 2 ** 20, "64 MiB"],
])("%d is %s", (bytes, words) => expect(size(bytes)).toBe(words));

test.each([
  [0, "0:00"],
  [7.9, "0:07"],
  [750, "12:30"],
  [3723, "1:02:03"],
])("%d s is %s", (seconds, words) => expect(moment(seconds)).toBe(words));
