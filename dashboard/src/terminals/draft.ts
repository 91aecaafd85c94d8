import { line, words } from "@/ui/commandline";
import type { StartBody } from "./queries";

/** A session that somebody is about to start, as the form has it. Empty fields are for the hub to decide. */
export interface Draft {
  readonly server: string;
  readonly project: string;
  readonly name: string;
  readonly runs: string;
  readonly command: string;
  readonly repo: string;
  readonly directory: string;
  readonly worktree: boolean;
  readonly record: boolean;
}

export const EMPTY: Draft = {
  server: "",
  project: "",
  name: "",
  runs: "shell",
  command: "",
  repo: "",
  directory: "",
  worktree: false,
  record: true,
};

/** What has to be put right before it can be started; null: nothing. */
export function problemOf(draft: Draft): string | null {
  if (draft.runs !== "command") return null;
  const cut = words(draft.command);
  if ("problem" in cut) return `This is no command: ${cut.problem}.`;
  return cut.length === 0 ? "Say which command." : null;
}

export function bodyOf(draft: Draft): StartBody {
  const cut = draft.runs === "command" ? words(draft.command) : [];
  return {
    server: draft.server || null,
    project_id: draft.project || null,
    name: draft.name.trim() || null,
    agent_type: draft.runs === "command" || draft.runs === "shell" ? null : draft.runs,
    argv: "problem" in cut ? [] : [...cut],
    repo: draft.repo.trim() || null,
    working_directory: draft.directory.trim() || null,
    worktree: draft.worktree && draft.repo.trim() !== "",
    record: draft.record,
    cols: 120,
    rows: 40,
  };
}

/** The same on the command line. */
export function commandOf(draft: Draft): string {
  const body = bodyOf(draft);
  const options: readonly (readonly [string, string | null | undefined])[] = [
    ["--server", body.server],
    ["--name", body.name],
    ["--agent", body.agent_type],
    ["--repo", body.repo],
    ["--directory", body.working_directory],
  ];
  const said = options.flatMap(([option, value]) => (value ? [option, value] : []));
  if (body.worktree) said.push("--worktree");
  if (!body.record) said.push("--no-record");
  const argv = body.argv.length > 0 ? ["--", ...body.argv] : [];
  const project = body.project_id ? ["--project", body.project_id] : [];
  return line(["corral", ...project, "session", "start", ...said, ...argv]);
}
