import type { Definition } from "./definition/definition";
import type { Json, JsonObject } from "./definition/json";

/** What the hub answers about workflows, as far as these pages read it. */
export interface WorkflowView {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly version: number | null;
  readonly versions: number;
  readonly project_id: string;
  readonly created_by: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly changed: boolean;
  readonly last_run: { readonly id: string; readonly status: string; readonly since: string } | null;
}

export interface WorkflowDetail extends WorkflowView {
  readonly definition: Definition;
  readonly problems: readonly FoundProblem[];
}

export interface FoundProblem {
  readonly path: string;
  readonly code: string;
  readonly problem: string;
  readonly hint: string;
  readonly warning: boolean;
}

export interface Judged {
  readonly valid: boolean;
  readonly problems: readonly FoundProblem[];
  readonly definition: Definition;
  readonly format: "corral" | "machina" | "automateos";
}

export interface Version {
  readonly workflow_id: number;
  readonly number: number;
  readonly note: string;
  readonly created_by: string;
  readonly created_at: string;
  readonly definition?: Definition;
}

export interface Manifest {
  readonly type: string;
  readonly title?: string;
  readonly category?: string;
  readonly description?: string;
  readonly aliases?: readonly string[];
  readonly trigger?: string | null;
  readonly handles?: readonly string[];
  readonly needs?: readonly string[];
  readonly parameters?: JsonObject;
  readonly result?: JsonObject;
}

export interface ArmedTrigger {
  readonly node: string;
  readonly kind: string;
  readonly fires: number;
  readonly fired_at: string | null;
  readonly url?: string;
  readonly methods?: readonly string[];
  readonly authentication?: string;
  readonly schedule?: string;
  readonly timezone?: string;
  readonly next_at?: string | null;
  readonly session_id?: string;
}

export interface Deployment {
  readonly workflow_id: number;
  readonly workflow: string;
  readonly deployed: boolean;
  readonly version?: number;
  readonly deployed_by?: string;
  readonly deployed_at?: string;
  readonly concurrency?: number | null;
  readonly when_busy?: "queue" | "reject";
  readonly active_runs?: number;
  readonly waiting?: number;
  readonly triggers?: readonly ArmedTrigger[];
}

export interface NextRuns {
  readonly deployed: boolean;
  readonly triggers: readonly {
    readonly node: string;
    readonly schedule: string;
    readonly timezone: string;
    readonly runs: readonly { readonly at: string; readonly local: string }[];
  }[];
}

export interface RunView {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly trigger: string | null;
  readonly started_by: string;
  readonly created_at: string;
  readonly finished_at: string | null;
}

export interface RunDetail extends RunView {
  readonly nodes: readonly { readonly key: string; readonly status: string; readonly output: Json }[];
}

export interface Candidate {
  readonly server: string;
  readonly server_id: string;
  readonly fits: boolean;
  readonly connected: boolean;
  readonly against: readonly string[];
}
