"""What can be asked of the engine. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from corral_hub.tasks.commands import ForGuest
from corral_hub.workflows.facts import Begun, Fact
from corral_hub.workflows.graph import Graph
from corral_protocol.codec import Json
from corral_protocol.nodes import HeldNode, NodeStarted


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRun(ForGuest):
    """Begin a run; one whose id is known is not begun again. Answered by its `Live`.

    It is of a published `version`, or else of a `draft` that is tried out.
    """

    run_id: UUID
    workflow_id: int
    version: int | None
    project_id: UUID
    graph: Graph
    begun: Begun
    started_by: str
    parent: tuple[UUID, str] | None = None
    letter: int | None = None
    draft: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellRun(ForGuest):
    """Something happened to a run, or is asked of it. Raises NotFound for one that is not live."""

    run_id: UUID
    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldNodes(ForGuest):
    """What a daemon holds, after everything in its spool was replayed; or `again`, while it is connected.

    `given`: what it was told to run on this very connection, and may not have heard of when it said what it holds.
    """

    server_id: UUID
    nodes: tuple[HeldNode, ...]
    again: bool = False
    given: Collection[HeldNode] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseNodes(ForGuest):
    """A machine was silent for too long, or was removed."""

    server_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeBegan(ForGuest):
    """A machine says that an attempt runs. Nothing hangs on it; one that is not its own is passed over."""

    server_id: UUID
    message: NodeStarted


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheAnswered(ForGuest):
    """What the cache had for an attempt: {output, handles}, or None."""

    run_id: UUID
    key: str
    attempt: int
    result: Json
