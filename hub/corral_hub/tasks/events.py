"""What can happen to a task. One dataclass an event; `state.step` says what each does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from corral_hub.tasks.model import Why
from corral_protocol.codec import Json
from corral_protocol.vocabulary import ErrorClass, UpstreamPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """Given to a server (or, by hand, to whoever asked); `planning` follows at once when a plan is required."""

    server_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequested:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSubmitted:
    plan: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApproved:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRevised:
    feedback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSubmitted:
    result: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewApproved:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRevised:
    feedback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    result: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractsRefused:
    """A completion did not keep its contracts; the task goes on. `problems` are {pointer, problem, key}."""

    problems: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    error: ErrorClass
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpRequested:
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Responded:
    feedback: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """Back to pending: a new attempt, not before `at`."""

    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLost:
    """The host went away, or says it no longer has the work. `rerun`: a new attempt is allowed."""

    detail: str
    started: bool
    rerun: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Requeued:
    """Nothing ran: the host declined, or has no slot for the next phase. The same attempt is placed again."""

    why: Why
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamEnded:
    """A task this one waits for ended without being done; the policy is this task's own."""

    upstream: UUID
    policy: UpstreamPolicy


TaskEvent = (
    Assigned
    | PlanRequested
    | Started
    | PlanSubmitted
    | PlanApproved
    | PlanRevised
    | ReviewSubmitted
    | ReviewApproved
    | ReviewRevised
    | Completed
    | ContractsRefused
    | Failed
    | HelpRequested
    | Responded
    | Cancelled
    | Retried
    | HostLost
    | Requeued
    | UpstreamEnded
)
