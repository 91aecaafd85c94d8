"""What the task API answers. Pure."""

from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from corral_hub.answers import AnObject, AnyJson, Id, Moment, WordOf, one_of
from corral_hub.tasks.model import UnitState
from corral_protocol.vocabulary import (
    DependencyType,
    ErrorClass,
    InterventionType,
    Phase,
    Priority,
    Reason,
    SessionStatus,
    Stream,
    TaskStatus,
)

TaskError = TypedDict("TaskError", {"class": Annotated[str, WordOf(ErrorClass)], "message": str})
"""Why the last attempt failed."""
RunKind = Annotated[str, one_of("manual", "command", "agent", "session")]
InterventionStatus = Annotated[str, one_of("pending", "responded", "cancelled")]


class WhyView(TypedDict):
    """Why a task is where it is, and since when."""

    code: Annotated[str, WordOf(Reason)]
    detail: str
    since: Moment
    refs: list[str]


class TaskBrief(TypedDict):
    """A task as listings show it."""

    id: Id
    short_id: str
    project_id: Id
    title: str
    spec: str
    type: str
    priority: Annotated[str, WordOf(Priority)]
    status: Annotated[str, WordOf(TaskStatus)]
    reason: WhyView | None
    target_repo: str | None
    target_branch: str | None
    acceptance_criteria: list[str]
    run_kind: RunKind
    waiting_on: int
    attempt: int
    epoch: int
    bad_completions: int
    assigned_server_id: Id | None
    assigned_server_name: str | None
    source_session_name: str | None
    target_session_name: str | None
    error: TaskError | None
    created_by: str
    created_at: Moment
    updated_at: Moment
    assigned_at: Moment | None
    started_at: Moment | None
    completed_at: Moment | None


class DependencyView(TypedDict):
    """`task_id` depends on `depends_on_task_id`, whose title and status are told where a task is shown whole."""

    id: Id
    task_id: Id
    depends_on_task_id: Id
    dependency_type: Annotated[str, WordOf(DependencyType)]
    contract_key: str | None
    resolved: bool
    title: NotRequired[str]
    status: NotRequired[Annotated[str, WordOf(TaskStatus)]]


class NoteView(TypedDict):
    """`id` is null in the answer to who has just left it."""

    id: int | None
    task_id: Id
    author: str
    content: str
    urgent: bool
    created_at: Moment


class InterventionView(TypedDict):
    """A question to a human, and the answer."""

    id: Id
    task_id: Id
    intervention_type: Annotated[str, WordOf(InterventionType)]
    status: InterventionStatus
    question: str
    context: str | None
    response: str | None
    responded_by: str | None
    created_at: Moment
    responded_at: Moment | None


class Warned(TypedDict):
    code: str
    detail: str
    hint: str


class TaskSession(TypedDict):
    """The terminal session that a task runs in, or ran in last."""

    id: Id
    name: str
    status: Annotated[str, WordOf(SessionStatus)]


class TaskView(TaskBrief):
    """Everything about a task. `resolved_inputs`: the contracts that have arrived, null where it takes none."""

    structured_spec: AnObject
    session: TaskSession | None
    dependencies: list[DependencyView]
    resolved_inputs: dict[str, Any] | None
    plan: AnyJson
    plan_feedback: str | None
    feedback: AnyJson
    result: AnyJson
    git_diff_stats: AnyJson
    recent_notes: list[NoteView]
    interventions: list[InterventionView]
    warnings: list[Warned]


class TaskPage(TypedDict):
    """`next_cursor` is what to give as `cursor` for the next page; null: this is the last one."""

    tasks: list[TaskBrief]
    next_cursor: str | None


class TasksAtHand(TypedDict):
    count: int
    tasks: list[TaskView]


class Chunk(TypedDict):
    """A piece of output: `data` is exact (base64), `text` is for reading."""

    id: int
    attempt: int
    epoch: int
    stream: Annotated[str, WordOf(Stream)]
    offset: int
    text: str
    data: str
    created_at: Moment


class OutputPage(TypedDict):
    """`next` is what to give as `after`; `more`: there may be some already."""

    chunks: list[Chunk]
    next: int
    more: bool


class Event(TypedDict):
    """One line of the activity log. What `details` holds depends on the event's type."""

    id: int
    event_type: str
    actor: str
    details: AnObject
    created_at: Moment


class EventPage(TypedDict):
    events: list[Event]
    next: int


class WentWrong(TypedDict):
    kind: Annotated[str, WordOf(ErrorClass)]
    message: str


class OutcomeView(TypedDict, total=False):
    """How a hand-out ended, as the machine saw it; `error` is there exactly when it did not succeed.

    Of one that never began there is only `detail`. `usage`: what the agent's program said that it cost.
    """

    error: WentWrong
    exit_code: int
    signal: int
    result: AnyJson
    duration: float
    usage: AnyJson
    detail: str


class Assignment(TypedDict):
    """One hand-out of the task, by evidence."""

    epoch: int
    attempt: int
    phase: Annotated[str, WordOf(Phase)]
    server_id: Id | None
    server_name: str | None
    state: Annotated[str, WordOf(UnitState)]
    managed: bool
    pid: int | None
    session_id: Id | None
    score: int | None
    offered_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    outcome: OutcomeView | None


class Assignments(TypedDict):
    assignments: list[Assignment]


class ContractsView(TypedDict):
    """`declared` as the specification has it; `published`: what the result carries, by key."""

    declared: list[AnyJson]
    published: dict[str, Any]


class Affected(TypedDict):
    """A task downstream of a contract, over so many steps, reached by `via`."""

    id: Id
    title: str
    status: Annotated[str, WordOf(TaskStatus)]
    depth: int
    via: Id


class Impact(TypedDict):
    tasks: list[Affected]


class Asked(TypedDict):
    intervention_id: Id
    status: InterventionStatus
    task_status: Annotated[str, WordOf(TaskStatus)]
