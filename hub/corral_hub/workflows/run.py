"""A run of a workflow, as a value: what each node is doing, and what its edges have said so far. Pure.

Tuples with names: a node's way through a run makes a dozen of these, and they are made four times as fast.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from corral_protocol.codec import Json
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import NodeStatus, RunStatus

NODE_ENDED = frozenset(
    {NodeStatus.COMPLETED, NodeStatus.FAILED, NodeStatus.CACHED, NodeStatus.CANCELLED, NodeStatus.SKIPPED}
)
NONE: Mapping[str, Any] = MappingProxyType({})
RUN_ENDED = frozenset({RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED})


class Why(StrEnum):
    """Why a node is where it is."""

    BRANCH_NOT_TAKEN = "branch_not_taken"
    UPSTREAM_SKIPPED = "upstream_skipped"
    UPSTREAM_FAILED = "upstream_failed"
    NOT_TRIGGERED = "not_triggered"
    DISABLED = "disabled"
    PINNED = "pinned"
    RETRY_BACKOFF = "retry_backoff"
    HOST_LOST = "host_lost"
    RUN_FAILED = "run_failed"
    RUN_CANCELLED = "run_cancelled"
    ITEM_FAILED = "item_failed"


class NodeRun(NamedTuple):
    """One node of a run, or one item of a node with `each`. `attempt`: 0 before the first.

    `items`: what a node with `each` goes through; `launched`: how many of them were begun. `due`: not before.
    """

    since: datetime
    status: NodeStatus = NodeStatus.PENDING
    attempt: int = 0
    why: Why | None = None
    output: Json = None
    error: UnitError | None = None
    due: datetime | None = None
    losses: int = 0
    items: tuple[Json, ...] | None = None
    launched: int = 0
    ended_items: int = 0

    @property
    def ended(self) -> bool:
        return self.status in NODE_ENDED


class Tally(NamedTuple):
    """What the edges into a node have said. `waits`: nodes that only its templates name, and that have not ended.

    `sources`: where the live ones come from. `gates`: edges that can say no; `yes`: those of them that did not.
    """

    edges: int
    open: int
    waits: int
    gates: int
    yes: int = 0
    sources: tuple[str, ...] = ()
    by_failure: bool = False


class Run(NamedTuple):
    """`nodes` by key: a node's id, or `id[3]` for an item. `ready`: keys that wait for a slot, in order.

    `origin`: the run whose effects these are, where it was tried again: idempotency keys are made from it.

    `active`: keys on a machine, or on the way there. `left`: nodes that have not ended.
    """

    id: str
    origin: str = ""
    status: RunStatus = RunStatus.PENDING
    trigger: str | None = None
    inputs: Json = None
    pinned: Mapping[str, Json] = NONE
    nodes: Mapping[str, NodeRun] = NONE
    tallies: Mapping[str, Tally] = NONE
    ready: tuple[str, ...] = ()
    active: frozenset[str] = frozenset()
    left: int = 0
    failed: str | None = None

    @property
    def ended(self) -> bool:
        return self.status in RUN_ENDED


def item_key(id: str, index: int) -> str:
    return f"{id}[{index}]"


def split_key(key: str) -> tuple[str, int | None]:
    """Return (node id, index of the item or None). Node ids have no brackets."""
    id, bracket, rest = key.partition("[")
    return id, int(rest[:-1]) if bracket else None
