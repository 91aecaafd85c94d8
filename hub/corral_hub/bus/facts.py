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
    """Something happened to a run of a workflow, or to one of its nodes (`key`)."""

    event_type: str
    project_id: UUID
    workflow_id: int
    run_id: UUID
    at: datetime
    key: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


Fact = ServerChanged | ServerLost | KeyRevoked | TaskEvent | OutputStored | SessionEvent | RunEvent
