"""The working set of one batch: what was loaded, what changed, what must be said after the commit. No I/O.

Every change goes through `put`-methods that remember how to undo it, so that a command refused half-way leaves
nothing behind while its neighbours in the same batch go on.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from corral_hub.sessions.model import Session
from corral_hub.tasks import terminals
from corral_hub.tasks.model import Edge, Intervention, Note, OutputChunk, Task, Unit
from corral_protocol.to_daemon import ToDaemon

_ABSENT = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A line for the activity log."""

    event_type: str
    actor: str
    task: Task | None
    server_id: UUID | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Handout:
    """A unit to be sent to its server after the commit."""

    task: Task
    unit: Unit


@dataclass(frozen=True, slots=True)
class Push:
    """A message for a server. `durable` goes through the outbox; otherwise losing it is repaired by reconciling."""

    server_id: UUID
    message: ToDaemon
    durable: bool = False


class Ledger:
    """See the module. `now` is the time of the whole batch."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.tasks: dict[UUID, Task] = {}
        self.units: dict[tuple[UUID, int], Unit] = {}  # open ones, and those that reports speak of
        self.downs: dict[UUID, list[Edge]] = defaultdict(list)  # unresolved edges, by upstream
        self.ups: dict[UUID, dict[UUID, list[Edge]]] = {}  # all edges of a task, by upstream, where they may change
        self.ancestry: dict[UUID, list[UUID]] = {}  # upstream links above a new edge, for the cycle check
        self.known_keys: dict[tuple[UUID, str], UUID] = {}
        self.interventions: dict[UUID, Intervention] = {}
        self.spools: dict[tuple[UUID, str], int] = {}
        # what changed
        self.created: dict[UUID, None] = {}
        self.moved: dict[UUID, None] = {}
        self.edited: dict[UUID, None] = {}
        self.changed_units: dict[tuple[UUID, int], Unit] = {}
        self.new_units: dict[tuple[UUID, int], Unit] = {}
        self.new_edges: dict[UUID, Edge] = {}
        self.changed_edges: dict[UUID, Edge] = {}
        self.removed_edges: dict[UUID, None] = {}
        self.new_interventions: dict[UUID, Intervention] = {}
        self.changed_interventions: dict[UUID, Intervention] = {}
        self.new_sessions: dict[UUID, Session] = {}
        self.orphans: dict[UUID, str] = {}  # sessions whose unit has ended: failed, with this reason, if never started
        self.acked: dict[tuple[UUID, str], int] = {}
        self.ended: dict[UUID, None] = {}  # ended in this batch, dependents not settled yet
        self.closing: dict[UUID, None] = {}  # tasks whose pending interventions lapse
        self.slots: dict[UUID, int] = {}  # change of slots in use, by server
        self.notes: list[Note] = []
        self.outputs: list[tuple[OutputChunk, Task, UUID | None]] = []
        self.log: list[Logged] = []
        self.inputs: dict[UUID, dict[str, Any]] = {}  # resolved inputs of what is handed out
        self.handouts: list[Handout] = []
        self.pushes: list[Push] = []
        self._undo: list[tuple[Any, Any, Any]] = []  # (table, key, value before); (list, None, None) for an append

    def mark(self) -> int:
        """Return a point to `rewind` to."""
        return len(self._undo)

    def rewind(self, mark: int) -> None:
        while len(self._undo) > mark:
            table, key, before = self._undo.pop()
            if key is None:
                table.pop()
            elif before is _ABSENT:
                table.pop(key, None)
            else:
                table[key] = before

    def set(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """Set table[key], undoably."""
        self._undo.append((table, key, table.get(key, _ABSENT)))
        table[key] = value

    def drop(self, table: dict[Any, Any], key: Any) -> None:
        if key in table:
            self._undo.append((table, key, table.pop(key)))

    def add(self, items: list[Any], item: Any) -> None:
        items.append(item)
        self._undo.append((items, None, None))

    # -- what decisions do ----------------------------------------------------

    def create(self, task: Task) -> None:
        self.set(self.tasks, task.id, task)
        self.set(self.created, task.id, None)
        if task.client_key:
            self.set(self.known_keys, (task.project_id, task.client_key), task.id)

    def put(self, task: Task, edited: bool = False) -> Task:
        """Record a new value of a loaded task. `edited`: its words changed, not only its state."""
        self.set(self.tasks, task.id, task)
        if task.id not in self.created:
            self.set(self.edited if edited else self.moved, task.id, None)
        return task

    def live_unit(self, task: Task) -> Unit | None:
        """Return the unit whose holder speaks for the task now."""
        unit = self.units.get((task.id, task.epoch))
        return unit if unit is not None and unit.live else None

    def open_unit(self, unit: Unit) -> None:
        key = (unit.task_id, unit.epoch)
        self.set(self.units, key, unit)
        self.set(self.new_units, key, unit)
        self._count(unit.server_id, +1)

    def put_unit(self, unit: Unit) -> None:
        """Record a new value of an open unit; one that has ended frees its slot."""
        key = (unit.task_id, unit.epoch)
        was_open = self.units[key].ended_at is None
        self.set(self.units, key, unit)
        self.set(self.new_units if key in self.new_units else self.changed_units, key, unit)
        if was_open and unit.ended_at is not None:
            self._count(unit.server_id, -1)
            if unit.session_id is not None:
                self._orphan(unit.session_id, unit)

    def _orphan(self, session_id: UUID, unit: Unit) -> None:
        if session_id in self.new_sessions:  # nobody has heard of it yet
            self.drop(self.new_sessions, session_id)
        else:
            self.set(self.orphans, session_id, terminals.why_never_started(unit))

    def edge(self, edge: Edge) -> Edge | None:
        """Return the edge as it stands after what this batch did to it; None once it was removed."""
        if edge.id in self.removed_edges:
            return None
        return self.new_edges.get(edge.id) or self.changed_edges.get(edge.id, edge)

    def put_edge(self, edge: Edge) -> None:
        self.set(self.new_edges if edge.id in self.new_edges else self.changed_edges, edge.id, edge)

    def remove_edge(self, edge: Edge) -> None:
        """Take the edge away; what was to be written of it is not, for a row can be changed once in a statement."""
        self.set(self.removed_edges, edge.id, None)
        self.drop(self.new_edges, edge.id)
        self.drop(self.changed_edges, edge.id)
        above = list(self.ancestry.get(edge.task_id, ()))
        if edge.upstream in above:
            above.remove(edge.upstream)
            self.set(self.ancestry, edge.task_id, above)

    def put_intervention(self, item: Intervention) -> None:
        self.set(self.interventions, item.id, item)
        changed = self.new_interventions if item.id in self.new_interventions else self.changed_interventions
        self.set(changed, item.id, item)

    def say(
        self, event_type: str, actor: str, task: Task | None, server_id: UUID | None = None, **details: Any
    ) -> None:
        """Append a line to the activity log."""
        self.add(self.log, Logged(event_type=event_type, actor=actor, task=task, server_id=server_id, details=details))

    def touched(self) -> Iterable[Task]:
        """Return every task that was created or changed."""
        return [self.tasks[id] for id in {**self.created, **self.moved, **self.edited}]

    def _count(self, server_id: UUID | None, change: int) -> None:
        if server_id is not None:
            self.set(self.slots, server_id, self.slots.get(server_id, 0) + change)


def end_unit(unit: Unit, state: Any, now: datetime, outcome: Any = None) -> Unit:
    """Return the unit, ended."""
    return replace(unit, state=state, ended_at=now, outcome=outcome if outcome is not None else unit.outcome)
