import type { Priority } from "./shapes";

export const RUN_KINDS = [
  ["command", "A command"],
  ["agent", "An agent CLI, unattended"],
  ["session", "An agent CLI in a terminal session"],
  ["manual", "A person, by hand"],
] as const;

/** A task as it stands in the form. */
export interface Draft {
  readonly title: string;
  readonly spec: string;
  readonly project: string;
  readonly priority: Priority;
  readonly kind: (typeof RUN_KINDS)[number][0];
  readonly command: string;
  readonly agent: string;
  readonly repo: string;
  readonly requirePlan: boolean;
  readonly dependencies: readonly Wanted[];
  readonly contracts: string;
}

/** An upstream task, and the contract that is taken from it ("" takes none: it is only waited for). */
export interface Wanted {
  readonly task: string;
  readonly title: string;
  readonly contract: string;
}

export const EMPTY: Draft = {
  title: "",
  spec: "",
  project: "",
  priority: "normal",
  kind: "command",
  command: "",
  agent: "claude_code",
  repo: "",
  requirePlan: false,
  dependencies: [],
  contracts: "",
};

/** What keeps the draft from being created, in words; null when nothing does. */
export function problemWith(draft: Draft): string | null {
  if (draft.contracts.trim() === "") return null;
  try {
    const given: unknown = JSON.parse(draft.contracts);
    return Array.isArray(given) ? null : "it must be a list of contracts";
  } catch (error) {
    return `this is no JSON: ${(error as Error).message}`;
  }
}

/** The request body that creates it. */
export function readDraft(draft: Draft): Record<string, unknown> {
  const contracts = draft.contracts.trim() === "" ? [] : (JSON.parse(draft.contracts) as unknown[]);
  return {
    title: draft.title.trim(),
    spec: draft.spec,
    priority: draft.priority,
    ...(draft.project && { project_id: draft.project }),
    ...(draft.repo && { target_repo: draft.repo }),
    dependencies: draft.dependencies.map((it) => ({
      depends_on_task_id: it.task,
      dependency_type: it.contract ? "input" : "blocks",
      ...(it.contract && { contract_key: it.contract }),
    })),
    structured_spec: {
      ...(runOf(draft) && { run: runOf(draft) }),
      ...(contracts.length > 0 && { contracts }),
      ...(draft.requirePlan && { require_plan: true }),
    },
  };
}

function runOf(draft: Draft): Record<string, unknown> | null {
  const directory = draft.repo ? { directory: "worktree" } : {};
  switch (draft.kind) {
    case "manual":
      return null;
    case "command":
      return { kind: "command", shell: draft.command };
    default:
      return { kind: draft.kind, agent: draft.agent, ...directory };
  }
}
