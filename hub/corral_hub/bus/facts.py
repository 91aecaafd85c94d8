"""What happened, after it was committed. Facts are whole values: losing one costs time, never truth."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerChanged:
    """A machine's row, capabilities, connection or admission changed; dispatch looks again."""

    server_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLost:
    """A machine has been silent for longer than `offline_after`: its work is no longer its own."""

    server_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked:
    """A machine's API key counts no more: it was removed, or enrolled again. Its connection is cut."""

    server_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent:
    """A line of the activity log about a task, as the seed's `task_event`."""

    event_type: str
    project_id: UUID
    task_id: UUID
    actor: str
    at: datetime
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputStored:
    """A chunk of output is in the database."""

    project_id: UUID
    task_id: UUID
    server_id: UUID | None
    stream: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent:
    """Something happened to a terminal session, as the seed's `session_event`."""

    event: str
    project_id: UUID
    session_id: UUID
    server_id: UUID
    task_id: UUID | None
    actor: str
    at: datetime
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """A run of a workflow began, moved on or ended, and this is how it stands. `number`: of its history's last row."""

    project_id: UUID
    workflow_id: int
    version: int | None
    run_id: UUID
    number: int
    status: str
    trigger: str | None
    started_by: str
    parent_run_id: UUID | None
    failed: str | None
    created_at: datetime
    finished_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """How a node of a run stands. `waits_for`: the kind of its wish."""

    key: str
    status: str
    attempt: int
    why: str | None
    since: datetime
    server_id: UUID | None
    error: tuple[str, str] | None
    waits_for: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodesEvent:
    """These nodes of a run changed. `complete`: none was left out. Published about the run, to who watches it."""

    project_id: UUID
    run_id: UUID
    number: int
    nodes: tuple[NodeState, ...]
    complete: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressEvent:
    """How far a running node has come; `done` from 0 to 1. Published about the run."""

    project_id: UUID
    run_id: UUID
    key: str
    attempt: int
    done: float | None
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesEvent:
    """Lines that a node logged, stored. `first`: the number of the first; `dropped`: before it. About the run."""

    project_id: UUID
    run_id: UUID
    key: str
    attempt: int
    first: int
    dropped: int
    lines: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEvent:
    """How a machine stands: after it joined, came, went, was held back, renamed or removed."""

    server_id: UUID
    project_id: UUID | None
    name: str
    connected: bool
    status: str
    cordoned: bool
    draining: bool
    version: int
    removed: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEvent:
    """A registration token was made, used or revoked."""

    event: str
    token_id: UUID
    project_id: UUID | None
    server_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowEvent:
    """A workflow was created, changed, published, removed, deployed or undeployed."""

    event: str
    project_id: UUID
    workflow_id: int
    name: str
    version: int | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterEvent:
    """Dead letters came or went. `letter`: None for several, or where its number is not known yet."""

    event: str
    project_id: UUID
    workflow_id: int | None
    letter: int | None
    run_id: UUID | None
    key: str | None
    at: datetime


Shown = TaskEvent | OutputStored | SessionEvent | RunEvent | ServerEvent | TokenEvent | WorkflowEvent | LetterEvent
"""What every viewer may be told of."""
OfRun = NodesEvent | ProgressEvent | LinesEvent
"""What only who watches that run is told of."""
Fact = ServerChanged | ServerLost | KeyRevoked | Shown | OfRun
