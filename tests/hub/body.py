"""A body without a database for the pure heart: the reactor's loop with dictionaries where it has PostgreSQL.

It loads exactly what `needs` names and stores exactly the columns that `save` writes, so that a decision which looks
at something it did not ask for, or changes what nobody writes, is found without a server. After every batch it checks
what must always hold.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import ServerView
from corral_hub.dispatch.queue import ReadyQueue
from corral_hub.errors import Refused
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.decide import decide, enqueue, place, settle_all
from corral_hub.tasks.ledger import Handout, Ledger, Logged
from corral_hub.tasks.model import Edge, Intervention, Task, Unit
from corral_hub.tasks.moves import Desk
from corral_hub.tasks.needs import Needs, work_out
from corral_hub.tasks.requests import Rejected
from corral_hub.tasks.save import MOVING, WORDS
from corral_protocol.vocabulary import ENDED, DependencyType, TaskStatus
from tests.hub.samples import NOW, ids

WRITTEN = {*MOVING, *WORDS}


class Body:
    """Tables as dictionaries. `run` is one batch of the reactor; a refusal is returned, not raised."""

    def __init__(self, *servers: ServerView) -> None:
        self.now: datetime = NOW
        self.tasks: dict[UUID, Task] = {}
        self.edges: dict[UUID, Edge] = {}
        self.units: dict[tuple[UUID, int], Unit] = {}
        self.interventions: dict[UUID, Intervention] = {}
        self.spools: dict[tuple[UUID, str], int] = {}
        self.log: list[Logged] = []
        self.sent: list[Handout] = []
        self.pushed: list[Any] = []
        self.fleet = Fleet()
        self.queue = ReadyQueue()
        self._ids = ids()
        for view in servers:
            self.fleet.put(view)

    def new_id(self) -> UUID:
        return next(self._ids)

    def ask(self, command: cmd.Command) -> Any:
        """Run a batch of one. Raises Refused."""
        (answer,) = self.run([command])
        if isinstance(answer, Refused):
            raise answer
        return answer

    def run(self, batch: list[cmd.Command]) -> list[Any]:
        self.now += timedelta(seconds=1)
        ledger, needs = Ledger(self.now), work_out(batch)
        self._counted: dict[UUID, int] = {}
        self._load(ledger, needs)
        desk = Desk(ledger, self.fleet, self.new_id)
        answers = [self._decide(desk, command, needs.downs) for command in batch]
        self._dispatch(desk)
        self._save(ledger)
        self.check()
        for handout in ledger.handouts:
            self._check_handout(handout)
        return [_final(ledger, answer) for answer in answers]

    def wake(self, seconds: float = 3600) -> None:
        """Let time pass, and dispatch look again."""
        self.now += timedelta(seconds=seconds)
        self.run([cmd.Look()])

    # -- the loop ---------------------------------------------------------------

    def _decide(self, desk: Desk, command: cmd.Command, loaded: set[UUID]) -> Any:
        mark = desk.ledger.mark()
        try:
            answer = decide(desk, command)
        except Refused as refusal:
            if not isinstance(command, cmd.Report):
                desk.ledger.rewind(mark)
            answer = Rejected(refusal)
        self._settle(desk, loaded)
        self._take_slots(desk.ledger)
        return answer

    def _take_slots(self, ledger: Ledger) -> None:
        """Let the fleet follow the ledger's account of slots, change by change."""
        for server_id, change in ledger.slots.items():
            more = change - self._counted.get(server_id, 0)
            self._counted[server_id] = change
            for _ in range(abs(more)):
                (self.fleet.take if more > 0 else self.fleet.release)(server_id)

    def _settle(self, desk: Desk, loaded: set[UUID]) -> None:
        while missing := settle_all(desk, loaded):
            self._load_downs(desk.ledger, missing)
            self._load_tasks(desk.ledger, [edge.task_id for id in missing for edge in desk.ledger.downs.get(id, ())])
            self._load_holders(desk.ledger)
            loaded |= missing

    def _dispatch(self, desk: Desk) -> None:
        for task in desk.ledger.touched():
            enqueue(self.queue, task, desk.ledger.now)
        self.queue.wake(desk.ledger.now)
        picks = []
        while (pick := self.queue.pick(self.fleet)) is not None:
            self.fleet.take(pick[1].server.id)
            picks.append(pick)
        self._load_tasks(desk.ledger, [id for id, _ in picks])
        before = dict(desk.ledger.slots)
        place(desk, picks)
        placed = Counter(placement.server.id for _, placement in picks)
        for server_id in {*before, *desk.ledger.slots, *placed}:
            assert desk.ledger.slots.get(server_id, 0) - before.get(server_id, 0) == placed[server_id]

    # -- rows ---------------------------------------------------------------------

    def _load(self, ledger: Ledger, needs: Needs) -> None:
        ledger.spools.update({key: seq for key, seq in self.spools.items() if key in needs.spools})
        if needs.ancestry:
            for edge in self.edges.values():
                ledger.ancestry.setdefault(edge.task_id, []).append(edge.upstream)
        for unit in self.units.values():
            if unit.server_id in needs.servers and unit.ended_at is None:
                needs.tasks.add(unit.task_id)
                needs.open_units.add(unit.task_id)
        units = [unit for unit in self.units.values() if _wanted_unit(needs, unit)]
        ledger.units.update({(unit.task_id, unit.epoch): unit for unit in units})
        self._load_downs(ledger, needs.downs)
        needs.tasks |= {edge.task_id for id in needs.downs for edge in ledger.downs.get(id, ())}
        for task in self.tasks.values():
            if task.client_key and (task.project_id, task.client_key) in needs.keys:
                ledger.known_keys[task.project_id, task.client_key] = task.id
                ledger.tasks[task.id] = task
        self._load_tasks(ledger, needs.tasks)
        if needs.downs:
            self._load_holders(ledger)
        for edge in self.edges.values():
            if edge.task_id in needs.ups:
                ledger.ups.setdefault(edge.task_id, {}).setdefault(edge.upstream, []).append(edge)
        ledger.interventions.update(
            {id: self.interventions[id] for id in needs.interventions if id in self.interventions}
        )

    def _load_tasks(self, ledger: Ledger, wanted: Iterable[UUID]) -> None:
        for id in wanted:
            if id in self.tasks:
                ledger.tasks.setdefault(id, self.tasks[id])

    def _load_downs(self, ledger: Ledger, wanted: Iterable[UUID]) -> None:
        known = {edge.id for edges in ledger.downs.values() for edge in edges}
        for edge in self.edges.values():
            if edge.upstream in wanted and not edge.resolved and edge.id not in known:
                ledger.downs[edge.upstream].append(edge)

    def _load_holders(self, ledger: Ledger) -> None:
        for key, unit in self.units.items():
            task = ledger.tasks.get(unit.task_id)
            if task and task.status is TaskStatus.ASSIGNED and task.waiting_on and unit.ended_at is None:
                ledger.units.setdefault(key, unit)

    def _save(self, ledger: Ledger) -> None:
        self.tasks |= {id: ledger.tasks[id] for id in ledger.created}
        for changed, columns in ((ledger.moved, MOVING), (ledger.edited, WORDS)):
            for id in changed:
                self._write(ledger.tasks[id], columns)
        assert not ledger.removed_edges.keys() & (ledger.new_edges | ledger.changed_edges), "one statement, one change"
        assert set(ledger.changed_edges) <= set(self.edges)
        self.edges |= ledger.new_edges | ledger.changed_edges
        for id in ledger.removed_edges:
            self.edges.pop(id, None)
        assert not set(ledger.new_units) & set(self.units), "an epoch was handed out twice"
        self.units |= ledger.new_units | ledger.changed_units
        self.interventions |= ledger.new_interventions
        for id, item in ledger.changed_interventions.items():
            assert id not in ledger.new_interventions, "one statement cannot insert and update a row"
            self.interventions[id] = item
        for id, item in list(self.interventions.items()):
            if item.task_id in ledger.closing and item.status == "pending":
                self.interventions[id] = replace(item, status="cancelled")
        self.spools |= ledger.acked
        self.log += ledger.log
        self.sent += ledger.handouts
        self.pushed += ledger.pushes

    def _write(self, task: Task, columns: Iterable[str]) -> None:
        changes = {name: getattr(task, name) for name in columns}
        machine = task.machine if "structured_spec" in changes else self.tasks[task.id].machine
        self.tasks[task.id] = replace(self.tasks[task.id], machine=machine, **changes)

    # -- what must always hold ------------------------------------------------------

    def check(self) -> None:
        waiting = Counter(edge.task_id for edge in self.edges.values() if edge.blocking)
        for task in self.tasks.values():
            assert task.waiting_on == waiting[task.id], (
                f"{task.title} waits for {waiting[task.id]}, says {task.waiting_on}"
            )
        live = Counter(unit.task_id for unit in self.units.values() if unit.live)
        assert max(live.values(), default=0) <= 1, "two holders of one task"
        for edge in self.edges.values():
            assert not edge.resolved or self.tasks[edge.upstream].status is TaskStatus.DONE
        keys = Counter((edge.task_id, edge.upstream, edge.kind, edge.contract_key) for edge in self.edges.values())
        assert max(keys.values(), default=0) <= 1, "the same dependency twice"
        for unit in self.units.values():
            task = self.tasks[unit.task_id]
            assert unit.epoch <= task.epoch
            assert not unit.live or task.status not in (*ENDED, TaskStatus.PENDING) or self._may_finish(task, unit)
        used = Counter(unit.server_id for unit in self.units.values() if unit.ended_at is None and unit.server_id)
        for view in self.fleet.views():
            assert view.used == used[view.id]

    def _may_finish(self, task: Task, unit: Unit) -> bool:
        """A daemon's process may outlive what its agent said of the task; nothing else keeps a holder at the end."""
        return task.status is TaskStatus.DONE and unit.managed

    def _check_handout(self, handout: Handout) -> None:
        """Nothing is dispatched before everything it waits for is done: by what the upstreams are, not by the count."""
        needed = [edge for edge in self.edges.values() if edge.task_id == handout.task.id]
        for edge in needed:
            upstream = self.tasks[edge.upstream]
            assert edge.kind is DependencyType.RELATED or upstream.status is TaskStatus.DONE, (
                f"{handout.task.title} was dispatched before {upstream.title}, which is {upstream.status}"
            )


def _wanted_unit(needs: Needs, unit: Unit) -> bool:
    is_open = unit.ended_at is None
    return (unit.task_id, unit.epoch) in needs.units or (is_open and unit.task_id in needs.open_units)


def _final(ledger: Ledger, answer: Any) -> Any:
    if isinstance(answer, Rejected):
        return answer.error
    if isinstance(answer, Task):
        return ledger.tasks[answer.id]
    if isinstance(answer, tuple):
        return tuple(_final(ledger, part) for part in answer)
    return answer
