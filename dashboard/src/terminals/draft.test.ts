import { expect, test } from "vitest";
import { bodyOf, commandOf, EMPTY, problemOf } from "./draft";

test("an empty form starts a login shell on the best machine", () => {
  expect(problemOf(EMPTY)).toBeNull();
  expect(bodyOf(EMPTY)).toMatchObject({ server: null, argv: [], agent_type: null, worktree: false, record: true });
  expect(commandOf(EMPTY)).toBe("corral session start");
});

test("a command is cut into words, and has to be one", () => {
  const draft = { ...EMPTY, runs: "command", server: "vm", command: "bash -c 'make test'", record: false };
  expect(bodyOf(draft).argv).toEqual(["bash", "-c", "make test"]);
  expect(commandOf(draft)).toBe("corral session start --server vm --no-record -- bash -c 'make test'");
  expect(problemOf({ ...draft, command: " " })).toBe("Say which command.");
  expect(problemOf({ ...draft, command: "'x" })).toContain("not closed");
});

test("an agent runs in a worktree only where there is a repository", () => {
  const draft = { ...EMPTY, runs: "claude_code", worktree: true, project: "My shop" };
  expect(bodyOf(draft)).toMatchObject({ agent_type: "claude_code", worktree: false });
  expect(commandOf({ ...draft, repo: "shop" })).toBe(
    "corral --project 'My shop' session start --agent claude_code --repo shop --worktree",
  );
});
