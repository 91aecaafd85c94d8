"""A workflow as it is written down: typed nodes and the edges between them. Pure.

A definition is a value: once published it never changes, and a run is bound to it. Which node types there are is not
known here; daemons announce them (`NodeManifest`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from corral_hub.workflows.condition import Condition
from corral_protocol.codec import Json
from corral_protocol.run import Requirements, Retry


class Join(StrEnum):
    """When a node with several incoming edges begins."""

    ALL = "all"
    """Once every edge is decided, if one of them is live."""
    ANY = "any"
    """At the first live edge."""


class OnError(StrEnum):
    """What follows when a node has failed for good."""

    FAIL = "fail"
    """The run fails."""
    CONTINUE = "continue"
    """Its edges are live; what follows gets `{"error": {"kind", "message"}}`."""
    BRANCH = "branch"
    """Only its edges from the handle `error` are live."""


class OnFailure(StrEnum):
    """What a run does about the rest of its nodes when one has failed."""

    STOP = "stop"
    FINISH = "finish"


class Dialect(StrEnum):
    """How templates are read: as MachinaOs reads them, or as Corral does."""

    CORRAL = "corral"
    MACHINA = "machina"


MAIN = "main"
ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """Run the node once per item, at most `concurrency` at a time. `items`: a list, or a template that gives one."""

    items: Json
    concurrency: int = 10


LONGEST_CACHE = 30 * 86_400.0
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """A result that is younger than `seconds` stands in for running the node again with the same input.

    It is deleted once it is older than what its node said when it was made, and after 30 days in any case.
    """

    seconds: float = 3600.0

    @property
    def kept(self) -> timedelta:
        return timedelta(seconds=min(max(0.0, self.seconds), LONGEST_CACHE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`label` names it in templates. `timeout`: seconds of one attempt.

    `pinned`: what an editor takes for its output when somebody tries the workflow out; no run reads it, but
    one in which another node is run alone.
    `heartbeat_timeout`: seconds after which an attempt has failed that neither logs nor tells how far it has come.
    """

    id: str
    type: str
    label: str = ""
    parameters: Mapping[str, Json] = field(default_factory=dict[str, Json])
    requires: Requirements = field(default_factory=Requirements)
    retry: Retry | None = None
    timeout: float | None = None
    heartbeat_timeout: float | None = None
    cache: Cache | None = None
    on_error: OnError = OnError.FAIL
    disabled: bool = False
    join: Join = Join.ALL
    each: Each | None = None
    position: Position | None = None
    pinned: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`condition` is asked of the source's output; `otherwise`: live where no conditional sibling is.

    `part`: the source is no step but a part of the target, such as a tool or a memory of an agent.
    """

    source: str
    target: str
    source_handle: str = MAIN
    target_handle: str = MAIN
    condition: Condition | None = None
    otherwise: bool = False
    part: bool = False

    @property
    def is_gate(self) -> bool:
        """Whether it can say no: of a node with gates, one must say yes."""
        return self.condition is not None or self.otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """`concurrency`: nodes of one run at a time. `inputs`: JSON Schema of what a run is given."""

    name: str = ""
    description: str = ""
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    inputs: Json = None
    variables: Mapping[str, Json] = field(default_factory=dict[str, Json])
    concurrency: int | None = None
    on_failure: OnFailure = OnFailure.STOP
    dialect: Dialect = Dialect.CORRAL
