"""Who is asking: a person, a machine, or an agent at work on one task."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    ADMIN = "admin"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person as stored. Raising `generation` ends every login of theirs."""

    id: UUID
    email: str
    password_hash: str
    role: Role
    generation: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`key`: the name of the API key that was used; None for a login."""

    id: UUID
    email: str
    role: Role
    key: str | None = None

    @property
    def label(self) -> str:
        """How the activity log names this actor."""
        return f"user:{self.email}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Holds a server's API key. `project_id` None serves every project."""

    server_id: UUID
    name: str
    project_id: UUID | None

    @property
    def label(self) -> str:
        return f"server:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAgent:
    """Holds a task-scoped token: may act for one task, in one epoch, inside one project."""

    task_id: UUID
    project_id: UUID
    epoch: int

    @property
    def label(self) -> str:
        return f"task:{self.task_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAgent(TaskAgent):
    """A node of a workflow's run (whose id is `task_id`): manages the tasks it made, and does none of their work."""

    key: str

    @property
    def label(self) -> str:
        return f"run:{self.task_id}/{self.key}"


Principal = Person | Machine | TaskAgent
