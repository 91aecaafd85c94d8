"""Work and what belongs to it, as the hub thinks of it. Frozen; a change is a new value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from corral_hub.accounts.model import Principal
from corral_protocol.codec import Json
from corral_protocol.run import Requirements, Retry, StructuredSpec
from corral_protocol.vocabulary import (
    DependencyType,
    InterventionType,
    LostHostPolicy,
    Phase,
    Priority,
    Reason,
    TaskStatus,
)

AGENTS = frozenset({"agent", "session"})
"""Kinds of run that need an agent CLI on the machine."""


class PlanMode(StrEnum):
    """Whether a plan must be approved before the work is done."""

    OFF = "off"
    REQUIRED = "required"
    APPROVED = "approved"


class UnitState(StrEnum):
    """How far a handed-out piece of work is, by evidence. The first three are open: they hold a slot."""

    OFFERED = "offered"
    STARTED = "started"
    STOPPING = "stopping"
    ENDED = "ended"
    LOST = "lost"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a task is where it is: a machine-readable code, words, since when, and what it refers to."""

    code: Reason
    detail: str
    since: datetime
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The project's defaults as they stood when the task was made."""

    require_plan_approval: bool = False
    retry: Retry = field(default_factory=Retry)
    lost_host: LostHostPolicy = LostHostPolicy.RETRY


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task. `epoch` is the fencing token of the newest hand-out; `attempt` counts tries as people do."""

    id: UUID
    project_id: UUID
    title: str
    type: str
    priority: Priority
    status: TaskStatus
    machine: StructuredSpec
    created_by: str
    created_at: datetime
    updated_at: datetime
    spec: str = ""
    structured_spec: Mapping[str, Any] = field(default_factory=dict)
    reason: Why | None = None
    client_key: str | None = None
    request_hash: bytes | None = None
    target_repo: str | None = None
    target_branch: str | None = None
    acceptance_criteria: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    plan_mode: PlanMode = PlanMode.OFF
    auto: bool = False
    has_inputs: bool = False
    waiting_on: int = 0
    not_before: datetime | None = None
    attempt: int = 1
    epoch: int = 0
    bad_completions: int = 0
    assigned_server_id: UUID | None = None
    source_session_name: str | None = None
    target_session_name: str | None = None
    plan: Json = None
    plan_feedback: str | None = None
    feedback: Json = None
    result: Json = None
    error: Json = None
    git_diff_stats: Json = None
    assigned_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None

    def but(self, **changes: Any) -> "Task":
        """Return a copy with these fields changed: dataclasses.replace, without its cost for forty fields.

        A task is copied several times for each step it takes; this is the hub's hottest line.
        """
        copy = object.__new__(Task)
        copy.__dict__.update(self.__dict__, **changes)
        copy.__dict__.pop("requirements", None)
        return copy

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Task":
        """Return the task with these values; every field must be there. For rows, which are complete."""
        task = object.__new__(cls)
        task.__dict__.update(values)
        return task

    @cached_property
    def requirements(self) -> Requirements:
        """What a server must and should have, with what `target_repo` and the way it runs imply.

        Work by hand implies nothing: whoever assigns it says where, and older agents announce no repositories.
        """
        asked, run = self.machine.requires, self.machine.run
        return replace(
            asked,
            repo=asked.repo or (self.target_repo if self.auto else None),
            agent=asked.agent or (run.agent if run.kind in AGENTS else None),
        )

    @property
    def next_phase(self) -> Phase:
        return Phase.PLAN if self.plan_mode is PlanMode.REQUIRED else Phase.EXECUTE

    def is_ready(self) -> bool:
        """Whether dispatch may place it, its backoff aside."""
        return self.status is TaskStatus.PENDING and self.auto and self.waiting_on == 0


TASK_COLUMNS = tuple(name for name in Task.__dataclass_fields__ if name != "machine")
"""Columns of `tasks`, in one order; every one is a field of Task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`task_id` depends on `upstream`. `value` is the contract as it stood when the edge resolved."""

    id: UUID
    task_id: UUID
    upstream: UUID
    kind: DependencyType
    contract_key: str | None = None
    resolved: bool = False
    value: Json = None

    @property
    def blocking(self) -> bool:
        return self.kind is not DependencyType.RELATED and not self.resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One hand-out of a task: what a server (or, without one, a person) was given, and the evidence of how it went.

    `session_id`: the terminal session it runs in, if it is of that kind; its process lives from phase to phase.
    """

    task_id: UUID
    epoch: int
    attempt: int
    phase: Phase
    state: UnitState
    managed: bool
    offered_at: datetime
    server_id: UUID | None = None
    pid: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Json = None
    requirements: Json = None
    fleet_id: int | None = None
    loads: bytes | None = None
    score: int | None = None
    session_id: UUID | None = None

    @property
    def live(self) -> bool:
        """Whether its holder may still speak for the task."""
        return self.state in (UnitState.OFFERED, UnitState.STARTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    id: UUID
    task_id: UUID
    kind: InterventionType
    question: str
    created_at: datetime
    context: str | None = None
    status: str = "pending"
    response: str | None = None
    responded_by: str | None = None
    responded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    task_id: UUID
    author: str
    content: str
    urgent: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputChunk:
    task_id: UUID
    epoch: int
    attempt: int
    stream: str
    offset: int
    content: bytes
    created_at: datetime


def actor_label(principal: Principal | None) -> str:
    """How the activity log names who did it; None is the hub itself."""
    return "hub" if principal is None else principal.label
