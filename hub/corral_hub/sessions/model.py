"""A terminal session as the hub knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from corral_protocol.recordings import SIZE_LIMIT
from corral_protocol.vocabulary import SessionStatus

LIVE = frozenset({SessionStatus.STARTING, SessionStatus.RUNNING})
SIDE = 1000
"""Columns and rows at most. No window is larger; a screen model of a million cells costs a machine its memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`framed`: its machine sends binary frames; older agents wrap the output and number nothing.

    `request` is what the machine needs to start it, kept until it has started: a lost message is sent again. None
    while it starts: a unit of work brings it along. `record`: whether what it prints is to be recorded; said to its
    machine after every connect.
    """

    id: UUID
    server_id: UUID
    project_id: UUID
    name: str
    status: SessionStatus
    cols: int
    rows: int
    framed: bool
    created_by: str
    created_at: datetime
    updated_at: datetime
    task_id: UUID | None = None
    attention: Mapping[str, Any] | None = None
    agent_type: str | None = None
    role: str | None = None
    argv: tuple[str, ...] = ()
    working_directory: str | None = None
    repo: str | None = None
    worktree: bool = False
    request: Mapping[str, Any] | None = None
    pid: int | None = None
    tmux_name: str | None = None
    exit_code: int | None = None
    signal: int | None = None
    error: str | None = None
    output_bytes: int | None = None
    record: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def live(self) -> bool:
        return self.status in LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody asks for. `prompt`, `token` and `secrets` come from inside the hub only."""

    name: str | None = None
    working_directory: str | None = None
    cols: int = 120
    rows: int = 40
    agent_type: str | None = None
    role: str | None = None
    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    repo: str | None = None
    worktree: bool = False
    prompt: str | None = None
    token: str | None = None
    secrets: tuple[str, ...] = ()
    record: bool = True
    record_limit: int = SIZE_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a new session goes. `framed` as in Session. `records`: its machine can record."""

    server_id: UUID
    server_name: str
    project_id: UUID
    task_id: UUID | None
    framed: bool
    records: bool = False
