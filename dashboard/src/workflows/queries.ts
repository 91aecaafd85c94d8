import { queryOptions } from "@tanstack/react-query";
import { answer, hub } from "@/api/client";
import type { Definition } from "./definition/definition";
import type { JsonObject } from "./definition/json";
import type {
  Candidate,
  Deployed,
  Deployment,
  Judged,
  Manifest,
  NextRuns,
  RunDetail,
  RunView,
  Version,
  WorkflowDetail,
  WorkflowView,
} from "./shapes";

/** What a call answers, where its document says less than we know: that an object is JSON. */
function as<T>(call: Promise<{ data?: unknown }>): Promise<T> {
  return answer<unknown>(call) as Promise<T>;
}

const MOST = 500;

export const workflowsQuery = queryOptions({
  queryKey: ["workflows", "list"],
  queryFn: () => as<readonly WorkflowView[]>(hub.GET("/api/v1/workflows", { params: { query: { limit: MOST } } })),
});

export const deploymentsQuery = queryOptions({
  queryKey: ["workflows", "list", "deployments"],
  queryFn: async () => {
    const found = await as<{ deployments: readonly Deployed[] }>(
      hub.GET("/api/v1/deployments", { params: { query: { limit: MOST } } }),
    );
    return new Map(found.deployments.map((it) => [it.workflow_id, it]));
  },
});

/** A workflow by what stands in the address: its id, or its name. */
export const workflowQuery = (workflow: string) =>
  queryOptions({
    queryKey: ["workflows", "one", workflow],
    queryFn: () => as<WorkflowDetail>(hub.GET("/api/v1/workflows/{workflow}", { params: { path: { workflow } } })),
  });

export const versionsQuery = (id: number) =>
  queryOptions({
    queryKey: ["workflows", "one", String(id), "versions"],
    queryFn: async () => {
      const path = { workflow: String(id) };
      const call = hub.GET("/api/v1/workflows/{workflow}/versions", { params: { path } });
      return (await as<{ versions: readonly Version[] }>(call)).versions;
    },
  });

/** One version; it never changes. */
export const versionQuery = (id: number, number: number) =>
  queryOptions({
    queryKey: ["workflow-version", id, number],
    queryFn: () => {
      const path = { workflow: String(id), number };
      return as<Version>(hub.GET("/api/v1/workflows/{workflow}/versions/{number}", { params: { path } }));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

export const deploymentQuery = (id: number) =>
  queryOptions({
    queryKey: ["workflows", "one", String(id), "deployment"],
    queryFn: () => {
      const path = { workflow: String(id) };
      return as<Deployment>(hub.GET("/api/v1/workflows/{workflow}/deployment", { params: { path } }));
    },
  });

export const nextRunsQuery = (id: number) =>
  queryOptions({
    queryKey: ["workflows", "one", String(id), "next-runs"],
    queryFn: () => {
      const path = { workflow: String(id) };
      return as<NextRuns>(hub.GET("/api/v1/workflows/{workflow}/next-runs", { params: { path, query: { count: 5 } } }));
    },
    retry: false, // a draft whose triggers cannot be armed is answered with why
  });

export const runsOfQuery = (id: number) =>
  queryOptions({
    queryKey: ["runs", "list", "of", id],
    queryFn: async () => {
      const params = { path: { workflow: String(id) }, query: { limit: 50 } };
      return (await as<{ runs: readonly RunView[] }>(hub.GET("/api/v1/workflows/{workflow}/runs", { params }))).runs;
    },
  });

export const runQuery = (run: string) =>
  queryOptions({
    queryKey: ["runs", "one", run, "outputs"],
    queryFn: () => as<RunDetail>(hub.GET("/api/v1/runs/{run}", { params: { path: { run } } })),
  });

/** Every node type that some machine has, by its name and its other names. */
export const manifestsQuery = queryOptions({
  queryKey: ["node-types"],
  queryFn: async () => {
    const { node_types } = await as<{ node_types: readonly Manifest[] }>(hub.GET("/api/v1/node-types"));
    return new Map(node_types.flatMap((it) => [it.type, ...(it.aliases ?? [])].map((name) => [name, it] as const)));
  },
});

/** The JSON Schema of a definition, as the hub reads it. */
export const definitionSchemaQuery = queryOptions({
  queryKey: ["workflow-schema"],
  queryFn: () => as<JsonObject>(hub.GET("/api/v1/workflows/schema")),
  staleTime: Number.POSITIVE_INFINITY,
});

export const placementQuery = (type: string, requires: JsonObject, project: string) =>
  queryOptions({
    queryKey: ["servers", "list", "placement", type, requires, project],
    queryFn: async () => {
      const body = { type, requires: plain(requires), project_id: project };
      return (await as<{ servers: readonly Candidate[] }>(hub.POST("/api/v1/node-types/placement", { body }))).servers;
    },
  });

// -- doing ---------------------------------------------------------------------------

/** Our values are read-only all the way down; the API's types are not. What is sent is the same JSON. */
function plain(value: JsonObject): Record<string, never> {
  return value as Record<string, never>;
}

export function judge(definition: Definition, signal?: AbortSignal): Promise<Judged> {
  const init = { body: { definition: plain(definition) }, ...(signal ? { signal } : {}) };
  return as<Judged>(hub.POST("/api/v1/workflows/validate", init));
}

export function createWorkflow(name: string | null, definition: Definition | null): Promise<WorkflowDetail> {
  const body = { publish: false, ...(name ? { name } : {}), ...(definition ? { definition: plain(definition) } : {}) };
  return as<WorkflowDetail>(hub.POST("/api/v1/workflows", { body }));
}

/** Save the draft, unless it was changed after `since` by somebody else. */
export function saveDraft(id: number, definition: Definition, since: string): Promise<WorkflowDetail> {
  const body = { definition: plain(definition), if_unchanged_since: since };
  return as<WorkflowDetail>(hub.PATCH("/api/v1/workflows/{workflow}", { ...path(id), body }));
}

export function renameWorkflow(id: number, name: string): Promise<WorkflowDetail> {
  return as<WorkflowDetail>(hub.PATCH("/api/v1/workflows/{workflow}", { ...path(id), body: { name } }));
}

export function removeWorkflow(id: number): Promise<void> {
  return as<void>(hub.DELETE("/api/v1/workflows/{workflow}", path(id)));
}

export function publishDraft(id: number, note: string): Promise<Version> {
  return as<Version>(hub.POST("/api/v1/workflows/{workflow}/publish", { ...path(id), body: { note } }));
}

export function rollBack(id: number, number: number): Promise<Version> {
  return as<Version>(hub.POST("/api/v1/workflows/{workflow}/rollback", { ...path(id), body: { number } }));
}

export function deploy(id: number, concurrency: number | null, when_busy: "queue" | "reject"): Promise<Deployed> {
  return as<Deployed>(
    hub.POST("/api/v1/workflows/{workflow}/deploy", { ...path(id), body: { concurrency, when_busy } }),
  );
}

export function undeploy(id: number): Promise<Deployment> {
  return as<Deployment>(hub.POST("/api/v1/workflows/{workflow}/undeploy", path(id)));
}

/** How a run begins. `draft`: of the draft, unless it was changed since; `only`: of one node alone. */
export interface Start {
  readonly inputs?: unknown;
  readonly trigger?: string;
  readonly pinned?: JsonObject;
  readonly draft?: boolean;
  readonly only?: string;
  readonly if_unchanged_since?: string;
}

export function startRun(id: number, start: Start): Promise<RunDetail> {
  const body = { draft: false, ...start, pinned: plain(start.pinned ?? {}) };
  return as<RunDetail>(hub.POST("/api/v1/workflows/{workflow}/runs", { ...path(id), body }));
}

function path(id: number) {
  return { params: { path: { workflow: String(id) } } };
}
