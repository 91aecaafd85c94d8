import { expect, test } from "vitest";
import { ending, happening, running } from "./words";

const over = { status: "closed", exit_code: null, signal: null, error: null } as const;

test.each([
  [{ ...over, exit_code: 3 }, "has ended with exit code 3"],
  [{ ...over, signal: 9 }, "was ended by SIGKILL"],
  [{ ...over, signal: 77 }, "was ended by signal 77"],
  [over, "has ended"],
  [{ ...over, status: "failed", error: "no such file" } as const, "could not be started: no such file"],
  [{ ...over, status: "lost" } as const, "was lost"],
  [{ ...over, status: "running" } as const, ""],
])("%j %s", (session, words) => expect(ending(session)).toBe(words));

test("events and commands in words", () => {
  expect(happening("session_kill_requested")).toBe("kill requested");
  expect(running({ argv: [], agent_type: null })).toBe("login shell");
  expect(running({ argv: ["make", "-j8"], agent_type: null })).toBe("make -j8");
});
