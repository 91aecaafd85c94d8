import type { components } from "@/api/schema";
import type { Definition } from "./definition/definition";
import type { Json, JsonObject } from "./definition/json";

type Schemas = components["schemas"];

/** What the hub answers about workflows. Where its document says no more than "an object", it is JSON here. */
export type WorkflowView = Schemas["WorkflowBrief"];
export type FoundProblem = Schemas["WorkflowProblem"];
export type ArmedTrigger = Schemas["TriggerView"];
export type Deployed = Schemas["Deployed"];
export type NextRuns = Schemas["NextRuns"];
export type RunView = Schemas["RunBrief"];
export type Candidate = Schemas["Candidate"];

export interface WorkflowDetail extends WorkflowView {
  readonly definition: Definition;
  readonly problems: readonly FoundProblem[];
}

export interface Judged {
  readonly valid: boolean;
  readonly problems: readonly FoundProblem[];
  readonly definition: Definition;
  readonly format: Schemas["Validated"]["format"];
}

export interface Version extends Readonly<Schemas["VersionView"]> {
  readonly definition?: Definition;
}

/** A node type; what an older machine does not announce is missing. */
export interface Manifest extends Partial<Omit<Schemas["NodeType"], "type" | "parameters" | "result">> {
  readonly type: string;
  readonly parameters?: JsonObject;
  readonly result?: JsonObject;
}

/** What is armed, or that nothing is. */
export type Deployment = Deployed | { readonly workflow_id: number; readonly deployed: false };

export interface NodeRan extends Readonly<Pick<Schemas["NodeView"], "key" | "status" | "why" | "error">> {
  readonly output: Json;
}

export interface RunDetail extends RunView {
  readonly nodes: readonly NodeRan[];
}
