// Made by docs/generate.py from protocol/corral_protocol/viewers.py; change that, then run `make docs`.

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

export type ToViewer =
  | SessionAttached
  | SessionEvent
  | SessionRefused;

export type FromViewer =
  | SessionAttach
  | SessionTake
  | SessionDetach
  | SessionResize;
