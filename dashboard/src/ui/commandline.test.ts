import { expect, test } from "vitest";
import { chance } from "./chance";
import { line, words } from "./commandline";

test.each([
  ["", []],
  ["  make   -j8 all ", ["make", "-j8", "all"]],
  [`bash -c 'echo "a b"; exit'`, ["bash", "-c", 'echo "a b"; exit']],
  [`a" b"c ''`, ["a bc", ""]],
  ['a\\ b "\\"" "\\n"', ["a b", '"', "\\n"]],
])("%j", (typed, cut) => expect(words(typed)).toEqual(cut));

test.each(["'open", '"open', "end\\"])("%j is no command line", (typed) =>
  expect(words(typed)).toHaveProperty("problem"),
);

test("a line made of words is cut into the same words", () => {
  const random = chance(61);
  const letters = " ab'\"\\$\n-é";
  for (let round = 0; round < 500; round++) {
    const argv = Array.from({ length: Math.floor(random() * 5) }, () =>
      Array.from({ length: Math.floor(random() * 8) }, () => letters[Math.floor(random() * letters.length)]).join(""),
    );
    expect(words(line(argv))).toEqual(argv);
  }
});
