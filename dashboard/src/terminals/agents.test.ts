import { expect, test } from "vitest";
import { agentsFor, type Machine, refusalOf } from "./agents";

const machine = (name: string, connected: boolean, ...agents: Machine["capabilities"]["agents"]): Machine => ({
  id: name,
  name,
  connected,
  repos: {},
  capabilities: { agents },
});
const FLEET = [
  machine("one", true, { name: "claude_code", version: "2.1.0", logged_in: false }, { name: "echo" }),
  machine("two", true, { name: "claude_code", version: "2.0.0" }),
  machine("off", false, { name: "aider" }),
];
const said = (server: string) => new Map(agentsFor(FLEET, server).map((it) => [it.name, it.why]));

test("any connected machine's agents can be chosen, and what only others have cannot", () => {
  expect(said("").get("claude_code")).toBeNull();
  expect(said("").get("echo")).toBeNull();
  expect(said("").get("aider")).toBe("on no machine that is connected");
});

test("of a chosen machine its own, as its probes found them", () => {
  expect(said("two").get("claude_code")).toBeNull();
  expect(said("two").has("echo")).toBe(false);
  expect(said("two").get("codex_cli")).toBe("not installed on two");
  expect(said("off").get("aider")).toBeNull();
});

test("what can be chosen stands first, each once, with what is good to know", () => {
  const choices = agentsFor(FLEET, "one");
  expect(choices.map((it) => it.name)).toEqual(["claude_code", "echo", "codex_cli", "gemini_cli", "aider"]);
  expect(choices[0]?.note).toBe("on one, 2.1.0, nobody is logged in with it");
  expect(agentsFor(FLEET, "")[0]?.note).toBe("on 2 machines");
});

test("what was chosen before the machine was is refused with words; a shell and a command never are", () => {
  expect(refusalOf(agentsFor(FLEET, "two"), "aider")).toBe("aider is not installed on two.");
  for (const runs of ["shell", "command", "claude_code"]) expect(refusalOf(agentsFor(FLEET, "two"), runs)).toBeNull();
  expect(refusalOf(agentsFor([], ""), "aider")).toBe("aider is on no machine that is connected.");
});
