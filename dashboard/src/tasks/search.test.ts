import { expect, test } from "vitest";
import { boardCommand, readBoardSearch } from "./search";

test.each([
  [{}, "corral task list"],
  [{ status: "done", project_id: "0193f7a2-aaaa" }, "corral task list --status done --project 0193f7a2"],
  [{ status: "$(x)", project_id: "`rm x`" }, "corral task list --project '`rm x`'"],
])("%j is %s", (search, command) => expect(boardCommand(readBoardSearch(search))).toBe(command));
