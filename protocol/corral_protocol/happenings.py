"""What the hub tells viewers on `/ws/dashboard` when something has happened, beside terminals. No I/O.

These are whole values, never changes that need what came before: a viewer puts each in the place of what it had.
`number` orders what is told of one run, and is in `GET /runs/{id}` as well: what has a lower one is older.
"""

from dataclasses import dataclass
from typing import ClassVar

from corral_protocol.codec import Json
from corral_protocol.vocabulary import NodeStatus, RunStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent:
    """A line of a task's activity; interventions are among them. `details` depend on `event_type`."""

    TYPE: ClassVar = "task_event"
    event_type: str
    task_id: str
    project_id: str
    actor: str
    at: str
    details: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOutput:
    """A chunk of a task's output, as it was stored."""

    TYPE: ClassVar = "task_output"
    task_id: str
    server_id: str | None
    stream: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """A run began, moved on or ended; this is how it stands, as in `GET /runs`. `version`: null if of a draft."""

    TYPE: ClassVar = "run_event"
    run_id: str
    workflow_id: int
    version: int | None
    project_id: str
    number: int
    status: RunStatus
    trigger: str | None
    started_by: str
    parent_run_id: str | None
    failed: str | None
    created_at: str
    finished_at: str | None
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """How a node stands. `error`: its class and message. `waits_for`: the kind of what it wished for.

    One that is scheduled and has no server waits for a machine, or for its next attempt: `why` says which.
    """

    key: str
    status: NodeStatus
    attempt: int
    why: str | None
    since: str
    server_id: str | None
    error: Json
    waits_for: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNodes:
    """These nodes of a run that is watched have changed. Not `complete`: too many have: read the run again."""

    TYPE: ClassVar = "run_nodes"
    run_id: str
    project_id: str
    number: int
    nodes: tuple[NodeState, ...]
    complete: bool
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """How far a node of a run that is watched has come: `done` from 0 to 1, or null where nobody can tell."""

    TYPE: ClassVar = "run_progress"
    run_id: str
    project_id: str
    key: str
    attempt: int
    done: float | None
    text: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLines:
    """Lines that a node of a run that is watched has logged. `first`: the number of the first line, from 1.

    `dropped`: how many lines right before it were let go. An attempt, `first` and the key name them: what was read by
    `GET /runs/{id}/logs` is not shown twice.
    """

    TYPE: ClassVar = "run_lines"
    run_id: str
    project_id: str
    key: str
    attempt: int
    first: int
    dropped: int
    lines: tuple[str, ...]
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEvent:
    """A machine joined, came, went, was held back, renamed or removed; this is how it stands, as in `GET /servers`."""

    TYPE: ClassVar = "server_event"
    server_id: str
    project_id: str | None
    name: str
    status: str
    connected: bool
    cordoned: bool
    draining: bool
    version: int
    removed: bool
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEvent:
    """A registration token was `created`, `used` or `revoked`. Told to admins only; the token itself to nobody."""

    TYPE: ClassVar = "token_event"
    event: str
    token_id: str
    project_id: str | None
    server_id: str | None
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowEvent:
    """A workflow was `created`, `changed`, `published`, `removed`, `deployed` or `undeployed`.

    `version`: the newest one; of a deployment the one that is deployed.
    """

    TYPE: ClassVar = "workflow_event"
    event: str
    workflow_id: int
    project_id: str
    name: str
    version: int | None
    actor: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterEvent:
    """Dead letters: one was `added`, `replayed`, `failed_again`, `resolved` or `removed`, or many were `purged`.

    `letter` is null for many, and for one that was just added: the list has its number.
    """

    TYPE: ClassVar = "dead_letter_event"
    event: str
    project_id: str
    workflow_id: int | None
    letter: int | None
    run_id: str | None
    key: str | None
    at: str


Happening = (
    TaskEvent
    | TaskOutput
    | RunEvent
    | RunNodes
    | RunProgress
    | RunLines
    | ServerEvent
    | TokenEvent
    | WorkflowEvent
    | LetterEvent
)
