"""Live runs in memory, and what a batch changes of them. No I/O."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from corral_hub.workflows import commands as c
from corral_hub.workflows.decide import decide, standing
from corral_hub.workflows.facts import Fact, Suspended
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.run import NONE, Run
from corral_protocol.codec import Json
from corral_protocol.vocabulary import NodeStatus

Place = tuple[UUID, str]
"""(run id, key) of a node's run."""


class Live(NamedTuple):
    """A run with what it belongs to. `number`: of the last row of its history. `letter`: the dead one it replays.

    `version`: the published one that it is of; None where it tries out a `draft`.
    """

    id: UUID
    workflow_id: int
    version: int | None
    project_id: UUID
    graph: Graph
    run: Run
    started_by: str
    created_at: datetime
    parent: tuple[UUID, str] | None = None
    letter: int | None = None
    draft: int | None = None
    number: int = 0
    wishes: Mapping[str, Json] = NONE

    def after(self, fact: Fact, now: datetime) -> "After":
        """Return the run after the fact, and what is to be done."""
        run, commands, touched = decide(self.graph, self.run, [fact], now)
        wishes = self.wishes
        if isinstance(fact, Suspended):
            wishes = {**wishes, fact.key: fact.wish}
        return After(self._replace(run=run, number=self.number + 1, wishes=wishes), commands, touched)

    def again(self, now: datetime) -> tuple[c.Execute, ...]:
        """Return what is to be executed, or is being executed."""
        return standing(self.graph, self.run, now)

    def waiting(self) -> dict[str, Json]:
        """Return the wishes of the nodes that wait, by key."""
        nodes = self.run.nodes
        return {
            key: wish for key, wish in self.wishes.items() if key in nodes and nodes[key].status is NodeStatus.WAITING
        }


class After(NamedTuple):
    """`touched`: the nodes that are other than before."""

    live: Live
    commands: tuple[c.Command, ...]
    touched: Collection[str]


class Entry(NamedTuple):
    """A row of the history."""

    run_id: UUID
    number: int
    at: datetime
    fact: Fact


@dataclass(frozen=True, slots=True)
class Lines:
    """What an attempt has logged. `first`: the number of the first line; `dropped`: lines before it that are gone."""

    place: Place
    attempt: int
    first: int
    dropped: int
    lines: tuple[str, ...]


@dataclass(slots=True)
class Batch:
    """What was changed since the last commit. `nodes`: keys whose rows are out of date."""

    begun: dict[UUID, None] = field(default_factory=dict[UUID, None])
    ended: dict[UUID, c.End] = field(default_factory=dict[UUID, c.End])
    moved: dict[UUID, None] = field(default_factory=dict[UUID, None])
    nodes: dict[Place, None] = field(default_factory=dict[Place, None])
    history: list[Entry] = field(default_factory=list[Entry])
    buried: list[tuple[UUID, c.Bury]] = field(default_factory=list[tuple[UUID, c.Bury]])
    wishes: list[tuple[UUID, c.Fulfil]] = field(default_factory=list[tuple[UUID, c.Fulfil]])
    withdrawn: list[Place] = field(default_factory=list[Place])
    lines: list[Lines] = field(default_factory=list[Lines])

    def changed(self, run_id: UUID, keys: Iterable[str]) -> None:
        """Note nodes that are other than before."""
        for key in keys:
            self.nodes[run_id, key] = None
