import { expect, test } from "vitest";
import { letterCommand, readLetterSearch } from "./search";

test.each([
  [{}, "corral dlq list"],
  [{ workflow: "4", node_type: "shell" }, "corral dlq list --workflow 4 --node-type shell"],
  [{ letter: 7, workflow: 4 }, "corral dlq show 7"],
  [{ letter: "7; rm -rf ~" }, "corral dlq list"],
])("%j is %s", (search, command) => expect(letterCommand(readLetterSearch(search))).toBe(command));

test("what stands in an address is no part of the command that a shell would run", () => {
  const search = readLetterSearch({ node_type: "x$(touch y)'z" });
  expect(letterCommand(search)).toBe(`corral dlq list --node-type 'x$(touch y)'\\''z'`);
});
