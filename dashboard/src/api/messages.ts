// Made by docs/generate.py from protocol/corral_protocol/viewers.py; change that, then run `make docs`.

/** Dead letters: one was `added`, `replayed`, `failed_again`, `resolved` or `removed`, or many were `purged`. `letter` is null for many, and for one that was just added: the list has its number. */
export interface LetterEvent {
  readonly type: "dead_letter_event";
  readonly event: string;
  readonly project_id: string;
  readonly workflow_id: number | null;
  readonly letter: number | null;
  readonly run_id: string | null;
  readonly key: string | null;
  readonly at: string;
}

/** How a node stands. `error`: its class and message. `waits_for`: the kind of what it wished for. One that is scheduled and has no server waits for a machine, or for its next attempt: `why` says which. */
export interface NodeState {
  readonly key: string;
  readonly status: "pending" | "scheduled" | "running" | "completed" | "failed" | "cached" | "cancelled" | "waiting" | "skipped";
  readonly attempt: number;
  readonly why: string | null;
  readonly since: string;
  readonly server_id: string | null;
  readonly error: unknown;
  readonly waits_for: string | null;
}

/** This viewer reads too slowly, and what had piled up for it was let go: read everything again. */
export interface Resync {
  readonly type: "resync";
}

/** A run began, moved on or ended; this is how it stands, as in `GET /runs`. `version`: null if of a draft. */
export interface RunEvent {
  readonly type: "run_event";
  readonly run_id: string;
  readonly workflow_id: number;
  readonly version: number | null;
  readonly project_id: string;
  readonly number: number;
  readonly status: "pending" | "running" | "paused" | "completed" | "failed" | "cancelled";
  readonly trigger: string | null;
  readonly started_by: string;
  readonly parent_run_id: string | null;
  readonly failed: string | null;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly at: string;
}

/** Lines that a node of a run that is watched has logged. `first`: the number of the first line, from 1. `dropped`: how many lines right before it were let go. An attempt, `first` and the key name them: what was read by `GET /runs/{id}/logs` is not shown twice. */
export interface RunLines {
  readonly type: "run_lines";
  readonly run_id: string;
  readonly project_id: string;
  readonly key: string;
  readonly attempt: number;
  readonly first: number;
  readonly dropped: number;
  readonly lines: readonly (string)[];
  readonly at: string;
}

/** These nodes of a run that is watched have changed. Not `complete`: too many have: read the run again. */
export interface RunNodes {
  readonly type: "run_nodes";
  readonly run_id: string;
  readonly project_id: string;
  readonly number: number;
  readonly nodes: readonly (NodeState)[];
  readonly complete: boolean;
  readonly at: string;
}

/** How far a node of a run that is watched has come: `done` from 0 to 1, or null where nobody can tell. */
export interface RunProgress {
  readonly type: "run_progress";
  readonly run_id: string;
  readonly project_id: string;
  readonly key: string;
  readonly attempt: number;
  readonly done: number | null;
  readonly text: string;
  readonly at: string;
}

/** Watch these runs node by node from now on, and no others. Read them after this: only what follows is told. */
export interface RunsWatch {
  readonly type: "runs_watch";
  readonly run_ids?: readonly (string)[];
}

/** Answers runs_watch: what happens to the nodes of these runs is told from here on. */
export interface RunsWatched {
  readonly type: "runs_watched";
  readonly run_ids?: readonly (string)[];
}

/** A machine joined, came, went, was held back, renamed or removed; this is how it stands, as in `GET /servers`. */
export interface ServerEvent {
  readonly type: "server_event";
  readonly server_id: string;
  readonly project_id: string | null;
  readonly name: string;
  readonly status: string;
  readonly connected: boolean;
  readonly cordoned: boolean;
  readonly draining: boolean;
  readonly version: number;
  readonly removed: boolean;
  readonly at: string;
}

/** Watch a session: from `offset` on, or from a snapshot of the screen. `drive`: also type, if nobody else does. */
export interface SessionAttach {
  readonly type: "session_attach";
  readonly session_id: string;
  readonly mode?: "view" | "drive";
  readonly offset?: number | null;
  readonly cols?: number | null;
  readonly rows?: number | null;
}

/** The session's frames come on `channel` from now on. */
export interface SessionAttached {
  readonly type: "session_attached";
  readonly session_id: string;
  readonly channel: number;
  readonly mode: "view" | "drive";
  readonly cols: number;
  readonly rows: number;
}

export interface SessionDetach {
  readonly type: "session_detach";
  readonly session_id: string;
}

/** Something happened to a session: `started`, `closed`, `lost`, `resized`, `driver`, `attention` … */
export interface SessionEvent {
  readonly type: "session_event";
  readonly event: string;
  readonly session_id: string;
  readonly server_id?: string | null;
  readonly project_id?: string | null;
  readonly task_id?: string | null;
  readonly actor?: string | null;
  readonly at?: string | null;
  readonly details?: unknown;
}

/** What a viewer asked for is not possible; the connection goes on. */
export interface SessionRefused {
  readonly type: "session_refused";
  readonly session_id: string;
  readonly code: string;
  readonly detail: string;
  readonly hint?: string;
}

/** The driver's window. Viewers send it to the hub, the hub to the daemon. */
export interface SessionResize {
  readonly type: "session_resize";
  readonly session_id: string;
  readonly cols: number;
  readonly rows: number;
}

/** Take control: the viewer that drove so far may only watch from now on. */
export interface SessionTake {
  readonly type: "session_take";
  readonly session_id: string;
  readonly cols?: number | null;
  readonly rows?: number | null;
}

/** A line of a task's activity; interventions are among them. `details` depend on `event_type`. */
export interface TaskEvent {
  readonly type: "task_event";
  readonly event_type: string;
  readonly task_id: string;
  readonly project_id: string;
  readonly actor: string;
  readonly at: string;
  readonly details?: unknown;
}

/** A chunk of a task's output, as it was stored. */
export interface TaskOutput {
  readonly type: "task_output";
  readonly task_id: string;
  readonly server_id: string | null;
  readonly stream: string;
  readonly content: string;
}

/** A registration token was `created`, `used` or `revoked`. Told to admins only; the token itself to nobody. */
export interface TokenEvent {
  readonly type: "token_event";
  readonly event: string;
  readonly token_id: string;
  readonly project_id: string | null;
  readonly server_id: string | null;
  readonly at: string;
}

/** From here on it is told what happens: what was read before this, over an earlier connection, is read again. */
export interface ViewerAuthOk {
  readonly type: "auth_ok";
}

/** A workflow was `created`, `changed`, `published`, `removed`, `deployed` or `undeployed`. `version`: the newest one; of a deployment the one that is deployed. */
export interface WorkflowEvent {
  readonly type: "workflow_event";
  readonly event: string;
  readonly workflow_id: number;
  readonly project_id: string;
  readonly name: string;
  readonly version: number | null;
  readonly actor: string;
  readonly at: string;
}

export type ToViewer =
  | ViewerAuthOk
  | Resync
  | RunsWatched
  | TaskEvent
  | TaskOutput
  | RunEvent
  | RunNodes
  | RunProgress
  | RunLines
  | ServerEvent
  | TokenEvent
  | WorkflowEvent
  | LetterEvent
  | SessionEvent
  | SessionAttached
  | SessionRefused;

export type FromViewer =
  | SessionAttach
  | SessionTake
  | SessionDetach
  | SessionResize
  | RunsWatch;
