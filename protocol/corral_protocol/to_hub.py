"""Messages a daemon sends. Those with `seq` are durable: spooled first, resent until acknowledged, idempotent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from corral_protocol.capabilities import Capabilities, SystemInfo
from corral_protocol.codec import Json, table
from corral_protocol.nodes import NodeFinished, NodeLog, NodeProgress, NodesHeld, NodeStarted
from corral_protocol.outcome import Outcome
from corral_protocol.remote import (
    ExecEnded,
    ExecStarted,
    FileDone,
    FileListing,
    FileOpened,
    FileReady,
    FileStatus,
    RemoteRefused,
)
from corral_protocol.sessions import (
    SessionAttention,
    SessionClosed,
    SessionError,
    SessionOutput,
    SessionRecovered,
    SessionScreen,
    SessionsHeld,
    SessionStarted,
)
from corral_protocol.vocabulary import Phase, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """First frame. `spool_id` names the spool whose sequence numbers follow; a new spool starts at 1 again."""

    TYPE: ClassVar = "auth"
    api_key: str
    features: tuple[str, ...] = ()
    agent_version: str | None = None
    spool_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """What this machine can do now; sent after auth and whenever a probe's answer changed."""

    TYPE: ClassVar = "capabilities"
    capabilities: Capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    TYPE: ClassVar = "heartbeat"
    system_info: SystemInfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldUnit:
    """A unit in the daemon's hands: accepted, and started once there is a pid."""

    task_id: str
    attempt: int
    epoch: int
    pid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Everything the daemon holds, live units only; ended ones speak through the spool, which is replayed first."""

    TYPE: ClassVar = "reconcile"
    units: tuple[HeldUnit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted:
    """The unit's process exists. `at` is Unix time on the daemon's clock, for display only."""

    TYPE: ClassVar = "task_started"
    seq: int
    task_id: str
    attempt: int
    epoch: int
    pid: int | None = None
    at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOutput:
    """A chunk of output: `data` is standard base64, `offset` counts bytes of this unit's stream from 0."""

    TYPE: ClassVar = "task_output"
    seq: int
    task_id: str
    attempt: int
    epoch: int
    stream: Stream
    offset: int
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPlan:
    """The plan phase ended with a plan (any JSON value; an object with `summary` by convention)."""

    TYPE: ClassVar = "task_plan"
    seq: int
    task_id: str
    attempt: int
    epoch: int
    plan: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFinished:
    """The unit's whole process tree is gone; this is how it ended. Sent for cancelled units too."""

    TYPE: ClassVar = "task_finished"
    seq: int
    task_id: str
    attempt: int
    epoch: int
    outcome: Outcome
    phase: Phase = Phase.EXECUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDeclined:
    """The daemon will not run this unit (draining, no slot, cannot read the spec); nothing was started."""

    TYPE: ClassVar = "task_declined"
    seq: int
    task_id: str
    attempt: int
    epoch: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The daemon has the outbox deliveries with these ids; the hub may forget them."""

    TYPE: ClassVar = "received"
    deliveries: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """Liveness of the socket itself, apart from the heartbeat: answered at once with `pong`."""

    TYPE: ClassVar = "ping"


Durable = TaskStarted | TaskOutput | TaskPlan | TaskFinished | TaskDeclined | NodeFinished | NodeLog
OfNode = NodesHeld | NodeStarted | NodeProgress
OfSession = (
    SessionStarted
    | SessionOutput
    | SessionScreen
    | SessionClosed
    | SessionError
    | SessionRecovered
    | SessionsHeld
    | SessionAttention
)
OfRemote = ExecStarted | ExecEnded | RemoteRefused | FileListing | FileStatus | FileOpened | FileReady | FileDone
ToHub = Auth | Announce | Heartbeat | Reconcile | Durable | Received | Ping | OfSession | OfRemote | OfNode

TO_HUB: Mapping[str, type[ToHub]] = table(
    Auth, Announce, Heartbeat, Reconcile, TaskStarted, TaskOutput, TaskPlan, TaskFinished, TaskDeclined, Received, Ping,
    SessionStarted, SessionOutput, SessionScreen, SessionClosed, SessionError, SessionRecovered, SessionsHeld,
    SessionAttention, ExecStarted, ExecEnded, RemoteRefused, FileListing, FileStatus, FileOpened, FileReady, FileDone,
    NodeFinished, NodeLog, NodesHeld, NodeStarted, NodeProgress,
)  # fmt: skip
