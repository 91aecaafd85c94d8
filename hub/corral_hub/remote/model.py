"""What is asked for, and where it is to happen. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A machine, and a session on it or none. `project_id`: where the activity is logged."""

    server_id: UUID
    server_name: str
    project_id: UUID | None = None
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command as it was asked for."""

    argv: tuple[str, ...]
    directory: str | None = None
    repo: str | None = None
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout: float | None = None
    stdin: bool = False
