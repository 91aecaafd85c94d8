import { expect, test } from "vitest";
import { previous, quoted } from "./prompts";

test("the prompt above what is shown is found, and none above the first", () => {
  expect(previous([40, 3, 17, -1], 18)).toBe(17);
  expect(previous([40, 3, 17], 17)).toBe(3);
  expect(previous([40, 3, 17], 3)).toBeNull();
  expect(previous([], 100)).toBeNull();
});

test("what a session asks is read from its evidence, or from the reason", () => {
  expect(quoted("seems to ask: x", { line: " Proceed? [y/n] " })).toBe("Proceed? [y/n]");
  expect(quoted("asks: Your name: ", null)).toBe("Your name:");
  expect(quoted("prints", { by: "output" })).toBe("");
});
