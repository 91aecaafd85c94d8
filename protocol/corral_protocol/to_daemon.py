"""Messages the hub sends to a daemon. Names and fields of the seed; fields it lacks carry defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from corral_protocol.codec import Json, table
from corral_protocol.nodes import NodeAssigned, NodeCancel
from corral_protocol.recordings import RecordingTaken, SessionRecord
from corral_protocol.remote import ExecStart, FileList, FileRead, FileRemove, FileStat, FileWrite, RemoteStop
from corral_protocol.sessions import (
    SessionClose,
    SessionForget,
    SessionInput,
    SessionKill,
    SessionLook,
    SessionRecoveredAck,
    SessionResize,
    SessionSnapshot,
    SessionStart,
    SessionUnwatch,
    SessionWatch,
)
from corral_protocol.vocabulary import Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthOk:
    """`acked_seq`: the last sequence number of this spool that the hub has committed. Durations in seconds.

    A daemon that has not heard from the hub for `offline_after` must assume that its work was given away.
    """

    TYPE: ClassVar = "auth_ok"
    features: tuple[str, ...] = ()
    server_id: str | None = None
    server_name: str | None = None
    acked_seq: int = 0
    heartbeat: float = 30.0
    offline_after: float = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """Everything up to and including `seq` is committed; the spool may forget it."""

    TYPE: ClassVar = "ack"
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A durable message changed nothing (stale epoch, unknown task …). It counts as acknowledged all the same."""

    TYPE: ClassVar = "refused"
    seq: int
    status: int
    code: str
    detail: str
    task_id: str | None = None
    epoch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAssigned:
    """Do this unit. `token` is the task-scoped credential for the agent's environment, never for argv or logs.

    `feedback` carries what a reviewer, an intervention or the contract check said about the round before.
    `session_id`: the terminal session that a unit of kind `session` runs in; for older agents, whom to tell.
    """

    TYPE: ClassVar = "task_assigned"
    task_id: str
    title: str
    spec: str = ""
    structured_spec: Json = None
    resolved_inputs: Mapping[str, Json] | None = None
    require_plan: bool = False
    attempt: int = 1
    epoch: int = 0
    phase: Phase = Phase.EXECUTE
    project_id: str | None = None
    token: str | None = None
    target_repo: str | None = None
    target_branch: str | None = None
    feedback: Json = None
    plan: Json = None
    priority: str | None = None
    session_id: str | None = None

    @property
    def runs_in(self) -> str | None:
        """The terminal session that it is to run in; None if it runs in none."""
        run = self.structured_spec.get("run") if isinstance(self.structured_spec, dict) else None
        return self.session_id if isinstance(run, dict) and run.get("kind") == "session" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancel:
    """Stop the unit with this epoch: TERM to the whole tree, KILL after `grace` seconds, then task_finished.

    Not before `after` seconds: an agent whose task is over says its last words in its terminal.
    """

    TYPE: ClassVar = "task_cancel"
    task_id: str
    epoch: int
    reason: str
    grace: float = 10.0
    after: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """The hub has compared: what it wants stopped or started was sent before this message."""

    TYPE: ClassVar = "reconciled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """A frame could not be used. The connection goes on."""

    TYPE: ClassVar = "error"
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong:
    TYPE: ClassVar = "pong"


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionResponse:
    TYPE: ClassVar = "intervention_response"
    intervention_id: str
    task_id: str
    response: str
    session_id: str | None = None
    delivery: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskNote:
    TYPE: ClassVar = "task_note"
    task_id: str
    content: str
    urgent: bool
    author: str
    session_id: str | None = None
    delivery: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskUpdated:
    TYPE: ClassVar = "task_updated"
    task_id: str
    title: str
    spec: str
    session_id: str | None = None
    delivery: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApproved:
    TYPE: ClassVar = "plan_approved"
    task_id: str
    session_id: str | None = None
    delivery: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRevision:
    TYPE: ClassVar = "plan_revision"
    task_id: str
    feedback: str
    session_id: str | None = None
    delivery: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatusUpdate:
    TYPE: ClassVar = "task_status_update"
    task_id: str
    title: str
    status: str
    status_label: str
    summary: str
    session_id: str | None = None
    delivery: int | None = None


Delivery = InterventionResponse | TaskNote | TaskUpdated | PlanApproved | PlanRevision | TaskStatusUpdate
"""News of a task for whoever hosts it; kept until the daemon has it. `session_id`: whom an older agent tells."""

OfSession = (
    SessionStart
    | SessionInput
    | SessionResize
    | SessionClose
    | SessionKill
    | SessionForget
    | SessionWatch
    | SessionUnwatch
    | SessionSnapshot
    | SessionLook
    | SessionRecoveredAck
    | SessionRecord
    | RecordingTaken
)
OfRemote = ExecStart | RemoteStop | FileList | FileStat | FileRead | FileWrite | FileRemove
OfNode = NodeAssigned | NodeCancel
ToDaemon = (
    AuthOk
    | Ack
    | Refused
    | TaskAssigned
    | TaskCancel
    | Reconciled
    | Error
    | Pong
    | Delivery
    | OfSession
    | OfRemote
    | OfNode
)

TO_DAEMON: Mapping[str, type[ToDaemon]] = table(
    AuthOk, Ack, Refused, TaskAssigned, TaskCancel, Reconciled, Error, Pong, InterventionResponse, TaskNote,
    TaskUpdated, PlanApproved, PlanRevision, TaskStatusUpdate, SessionStart, SessionInput, SessionResize, SessionClose,
    SessionKill, SessionForget, SessionWatch, SessionUnwatch, SessionSnapshot, SessionLook, SessionRecoveredAck,
    ExecStart, RemoteStop, FileList, FileStat, FileRead, FileWrite, FileRemove,
    SessionRecord, RecordingTaken,
    NodeAssigned, NodeCancel,
)  # fmt: skip
