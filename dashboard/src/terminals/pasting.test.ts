import { expect, test } from "vitest";
import { chance } from "@/ui/chance";
import { paste } from "./pasting";

test("a line is pasted as it is", () => {
  expect(paste("make test ✓ 日本", false)).toEqual({ text: "make test ✓ 日本", lines: 1, warning: null });
});

test("several lines are asked about only where the program would obey each of them", () => {
  expect(paste("a\r\nb\rc", true)).toEqual({ text: "a\nb\nc", lines: 3, warning: null });
  expect(paste("rm -r x\n", false).warning).toContain("Enter");
});

test("nothing that ends a bracketed paste, or acts as a key, gets through", () => {
  const random = chance(51);
  for (let round = 0; round < 500; round++) {
    const dirty = Array.from({ length: 30 }, () => String.fromCharCode(Math.floor(random() * 0xa5))).join("");
    const { text, warning } = paste(`${dirty}\u001b[201~`, true);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    expect(warning).toContain("control characters");
  }
});

test("much is asked about", () => expect(paste("x".repeat(20_000), true).warning).toContain("20,000"));
