import { expect, test } from "vitest";
import { safeNext } from "./next";

test.each([
  ["/tasks?status=failed", "/tasks?status=failed"],
  [undefined, "/"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["/login?next=/login", "/"],
])("%s leads to %s", (next, place) => expect(safeNext(next)).toBe(place));
