"""What can be asked of the reactor. A command names what it needs loaded; `decide` says what it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from corral_hub.accounts.model import Principal
from corral_hub.tasks.model import Task
from corral_protocol.codec import Json
from corral_protocol.to_hub import Durable, HeldUnit
from corral_protocol.vocabulary import DependencyType, InterventionType


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeDraft:
    id: UUID
    upstream: UUID
    kind: DependencyType
    contract_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """`task` is complete but for its dependencies; `created` in the answer is False when the client key was known."""

    task: Task
    edges: tuple[EdgeDraft, ...] = ()
    principal: Principal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something a person or an agent asks for one task. `ends`: it can end the task, so its dependents are loaded."""

    ends: ClassVar[bool] = False
    task_id: UUID
    principal: Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Request):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitPlan(Request):
    plan: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovePlan(Request):
    ends: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisePlan(Request):
    feedback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitReview(Request):
    result: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveReview(Request):
    ends: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseReview(Request):
    feedback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(Request):
    ends: ClassVar[bool] = True
    result: Json
    git_diff_stats: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(Request):
    ends: ClassVar[bool] = True
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Help(Request):
    intervention_id: UUID
    question: str
    context: str | None = None
    kind: InterventionType = InterventionType.HELP


@dataclass(frozen=True, slots=True, kw_only=True)
class Respond(Request):
    intervention_id: UUID
    response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Request):
    ends: ClassVar[bool] = True
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry(Request):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(Request):
    """`changes`: Task fields and their new values, already validated."""

    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Request):
    """`server`: name or id; None with a manual task means: to whoever asks."""

    server: str | None = None
    session_name: str | None = None
    require_plan: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDependency(Request):
    edge: EdgeDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDependency(Request):
    """`key`: the dependency's id or the upstream task's (the published CLI sends the latter)."""

    key: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote(Request):
    content: str
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A durable message of a daemon. Answered once its effect, or its refusal, is committed."""

    server_id: UUID
    spool_id: str
    message: Durable


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSpool:
    """A daemon connected with this spool; the answer is the sequence number committed last."""

    server_id: UUID
    spool_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """What a daemon holds, after everything in its spool was replayed."""

    server_id: UUID
    units: tuple[HeldUnit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseServer:
    """A machine was silent for too long, or was removed."""

    server_id: UUID
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Nothing happened to a task, but dispatch should look again: a server came, a slot freed, a backoff ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForGuest:
    """What another noun decides in the same batches (guests.py)."""


Command = ForGuest | Create | Request | Report | OpenSpool | Reconcile | LoseServer | Look
