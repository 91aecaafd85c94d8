"""What the API of workflows answers. Pure."""

from typing import Annotated, Literal, NotRequired

from typing_extensions import TypedDict

from corral_hub.answers import AnObject, AnyJson, Id, Moment, WordOf
from corral_hub.servers.views import NodeType
from corral_hub.workflows.run import Why
from corral_protocol.vocabulary import ErrorClass, NodeStatus, RunStatus

JsonSchema = AnObject


class WorkflowProblem(TypedDict):
    """What is wrong with a definition; `path`: JSON pointer into it. A `warning` keeps nobody from publishing."""

    path: str
    code: str
    problem: str
    hint: str
    warning: bool


class LastRun(TypedDict):
    """The run that began last. `since`: when it ended, or else when it began. `version`: null if of the draft."""

    id: Id
    status: Annotated[str, WordOf(RunStatus)]
    since: Moment
    version: int | None


class WorkflowBrief(TypedDict):
    """A workflow as listings show it. `version`: the one that is published, null before the first; `versions`: of all.

    `updated_at` names the state of the draft; `changed`: it differs from what is published. `user_id` is what
    AutomateOS' clients call who made it.
    """

    id: int
    name: str
    description: str
    version: int | None
    versions: int
    project_id: Id
    created_by: str
    user_id: str
    created_at: Moment
    updated_at: Moment
    changed: bool
    last_run: LastRun | None


class WorkflowWhole(WorkflowBrief):
    """With its draft (GET /api/v1/workflows/schema says what a definition is), and what is wrong with that."""

    definition: AnObject
    problems: list[WorkflowProblem]


class Validated(TypedDict):
    """`definition`: as it would be kept; `format`: what wrote it."""

    valid: bool
    problems: list[WorkflowProblem]
    definition: AnyJson
    format: Literal["corral", "machina", "automateos"]


class VersionView(TypedDict):
    """A published version as listings show it."""

    workflow_id: int
    number: int
    note: str
    created_by: str
    created_at: Moment


class VersionWhole(VersionView):
    definition: AnObject


class Versions(TypedDict):
    versions: list[VersionView]


class RunBrief(TypedDict):
    """A run as listings show it. `trigger`: the node that fired; `failed`: the node that it failed of.

    `version`: null for a run that tries out the draft as it was then; GET /api/v1/runs/{run}/definition has it.
    `number` is that of the last line of its history: of two readings the one with the greater number is newer.
    """

    id: Id
    workflow_id: int
    workflow: str
    version: int | None
    status: Annotated[str, WordOf(RunStatus)]
    trigger: str | None
    number: int
    started_by: str
    failed: str | None
    parent_run_id: Id | None
    output: AnyJson
    project_id: Id
    created_at: Moment
    finished_at: Moment | None


class NodeError(TypedDict):
    """`retry_after`: the seconds that the other side asked for."""

    kind: Annotated[str, WordOf(ErrorClass)]
    message: str
    retry_after: NotRequired[float]


class ProgressView(TypedDict):
    """How far a running node has come: `done` from 0 to 1, where it told that."""

    done: float | None
    text: str
    at: Moment


class NodeView(TypedDict):
    """A node of a run. `wish`: what it waits for, as long as it waits; its `type` says what kind of thing."""

    key: str
    status: Annotated[str, WordOf(NodeStatus)]
    attempt: int
    why: Annotated[str, WordOf(Why)] | Literal["no_server"] | None
    server: str | None
    server_id: Id | None
    since: Moment
    begun_at: Moment | None
    parameters: AnyJson
    output: AnyJson
    error: NodeError | None
    logs: list[str] | None
    wish: NotRequired[AnyJson]
    progress: NotRequired[ProgressView]


class RunWhole(RunBrief):
    nodes: list[NodeView]


class RunDefinition(TypedDict):
    """What a run is of, as it was when it began and stays."""

    version: int | None
    definition: AnObject


class RunPage(TypedDict):
    """`next_cursor` is what to give as `cursor` for the next page; null: this is the last one."""

    runs: list[RunBrief]
    next_cursor: str | None


class RunCount(TypedDict):
    total: int


class HistoryEntry(TypedDict):
    """One fact of a run's history. What `fact` holds depends on its type; `key`: the node it is about."""

    number: int
    type: str
    key: str | None
    at: Moment
    fact: AnObject


class History(TypedDict):
    events: list[HistoryEntry]
    next: int


class NodeTypes(TypedDict):
    node_types: list[NodeType]


class LetterBrief(TypedDict):
    """What has failed for good, until somebody has seen to it. `replays`: how often it failed again."""

    id: int
    run_id: Id
    workflow_id: int
    workflow: str
    key: str
    node_type: str
    attempt: int
    error: NodeError
    replays: int
    replay_run_id: Id | None
    created_at: Moment
    last_error_at: Moment


class LetterWhole(LetterBrief):
    inputs: AnyJson
    parameters: AnyJson


class LetterPage(TypedDict):
    """`next` is what to give as `after`."""

    dead_letters: list[LetterBrief]
    next: int


class LetterCounts(TypedDict):
    """By the workflow's id, by node type, by class of error."""

    total: int
    by_workflow: dict[str, int]
    by_node_type: dict[str, int]
    by_error: dict[str, int]


class Purged(TypedDict):
    removed: int


class Candidate(TypedDict):
    """A machine as a node's placement sees it. `against`: what keeps it from ever getting the node."""

    server: str
    server_id: Id
    fits: bool
    connected: bool
    against: list[str]


class Candidates(TypedDict):
    """Those that could run the node now come first."""

    servers: list[Candidate]


class Question(TypedDict):
    """A node that waits for a person's word."""

    run_id: Id
    workflow_id: int
    workflow: str
    project_id: Id
    key: str
    question: AnyJson
    since: Moment


class Questions(TypedDict):
    questions: list[Question]


class LogLines(TypedDict):
    """Lines of a node's attempt, from number `first` on; `dropped`: how many were let go before that."""

    id: int
    key: str
    attempt: int
    first: int
    dropped: int
    lines: list[str]
    at: Moment


class LogPage(TypedDict):
    """`next` is what to give as `after`."""

    logs: list[LogLines]
    next: int


class RunStep(TypedDict):
    """An edge of a run's graph. `taken`: null as long as its source has not ended."""

    source: str
    source_handle: str
    target: str
    target_handle: str
    taken: bool | None


class RunSteps(TypedDict):
    edges: list[RunStep]
