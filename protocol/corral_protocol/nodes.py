"""Workflow nodes on the wire: what a daemon is asked to run, what it says of that, and what a node may wish for.

(run_id, key, attempt) names one attempt of one node, or of one of its items. Attempts only grow, so that the number
fences: what an older attempt still says changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from corral_protocol.codec import Json, table
from corral_protocol.outcome import UnitError

# -- hub → daemon ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An upstream node, as code nodes name their inputs."""

    id: str
    type: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAssigned:
    """Run this node. `inputs`: outputs by source id. `idempotency_key`: the same for every attempt.

    `timeout`: seconds; `heartbeat_timeout`: seconds that it may be silent. `parts`: nodes that are a part of this one:
    {id, type, label, role, parameters}.
    """

    TYPE: ClassVar = "node_assigned"
    run_id: str
    key: str
    attempt: int
    node: str
    idempotency_key: str
    label: str = ""
    workflow_id: int | None = None
    project_id: str | None = None
    parameters: Mapping[str, Json] = field(default_factory=dict[str, Json])
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    sources: tuple[Source, ...] = ()
    parts: tuple[Json, ...] = ()
    timeout: float | None = None
    heartbeat_timeout: float | None = None
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCancel:
    """Stop this attempt: its whole process tree, if it has one. It is answered by node_finished."""

    TYPE: ClassVar = "node_cancel"
    run_id: str
    key: str
    attempt: int
    reason: str = ""


# -- daemon → hub ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldNode:
    """An attempt in the daemon's hands."""

    run_id: str
    key: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodesHeld:
    """Every attempt in the daemon's hands; sent after each connect, behind the replayed spool, and now and `again`.

    What is missing after a connect is lost; later it is, when it is missing twice: it may have been on its way.
    """

    TYPE: ClassVar = "nodes_held"
    nodes: tuple[HeldNode, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStarted:
    """It has run for a moment: what ends sooner is not said to run. Only for the eye: nothing is decided by it."""

    TYPE: ClassVar = "node_started"
    run_id: str
    key: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeProgress:
    """`done` from 0 to 1, or None where nobody can tell; the newest replaces all others."""

    TYPE: ClassVar = "node_progress"
    run_id: str
    key: str
    attempt: int
    done: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeLog:
    """What an attempt said while it runs. `first`: the number of the first line, from 1; `dropped`: before it, gone."""

    TYPE: ClassVar = "node_log"
    seq: int
    run_id: str
    key: str
    attempt: int
    first: int
    lines: tuple[str, ...]
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeResult:
    """How an attempt ended. Exactly one of `error` and `wish` may be given; without both it is complete.

    `handles`: the only source handles whose edges may be live. `wish`: encoded, see below. `logs`: what the node said,
    a line an item, bounded; what was sent as node_log is not in it. `duration`: seconds.
    """

    output: Json = None
    handles: tuple[str, ...] | None = None
    error: UnitError | None = None
    wish: Json = None
    logs: tuple[str, ...] = ()
    duration: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFinished:
    TYPE: ClassVar = "node_finished"
    seq: int
    run_id: str
    key: str
    attempt: int
    result: NodeResult


# -- what a node may wish for: the hub sees to it, and its answer is the node's output ------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleep:
    """Until then, or for so many seconds from when the hub hears of it. `output` is the node's output after that."""

    TYPE: ClassVar = "sleep"
    seconds: float | None = None
    until: str | None = None
    output: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """A person's word: output {approved, comment, by, at}."""

    TYPE: ClassVar = "approve"
    question: str
    details: Json = None
    expires: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWorkflow:
    """Run another workflow: output {run_id, status, outputs}."""

    TYPE: ClassVar = "call_workflow"
    workflow: str
    inputs: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTask:
    """Create a task and wait for its end: output {task_id, status, result}. `task`: the body of POST /api/v1/tasks."""

    TYPE: ClassVar = "create_task"
    task: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Respond:
    """Answer the webhook call that began this run: output {sent, …}. Whoever called may be gone."""

    TYPE: ClassVar = "respond"
    status: int = 200
    body: Json = None
    content_type: str = "application/json"


Wish = Sleep | Approve | CallWorkflow | CreateTask | Respond
WISHES: Mapping[str, type[Wish]] = table(Sleep, Approve, CallWorkflow, CreateTask, Respond)
