"""The engine: live runs in memory, decided in the reactor's batches, told to machines after the commit.

It decides nothing about a run: `decide` does. It keeps runs, places nodes, writes histories and sets timers.
"""

import heapq
import itertools
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from corral_hub import clock
from corral_hub.db.blocks import Block, Row
from corral_hub.dispatch.fleet import Fleet
from corral_hub.errors import Conflict, NotFound
from corral_hub.tasks import commands as cmd
from corral_hub.workflows import commands as c
from corral_hub.workflows import facts as f
from corral_hub.workflows import orders as o
from corral_hub.workflows import rows, wishes
from corral_hub.workflows.effects import Effects
from corral_hub.workflows.live import Batch, Entry, Lines, Live, Place
from corral_hub.workflows.placing import Placing
from corral_hub.workflows.run import Run
from corral_protocol.codec import Json
from corral_protocol.nodes import NodeFinished, NodeLog

log = structlog.get_logger()
MOST_DUE = 500
"""Timers that a batch sees to: thousands may be due at one instant, and others wait for the commit."""


class Engine:
    """Implements tasks.guests.Guest. `effects` is called with each committed batch."""

    commands = frozenset({o.StartRun, o.TellRun, o.NodeBegan, o.CacheAnswered, o.HoldNodes, o.LoseNodes})
    reports = frozenset({NodeFinished, NodeLog})

    def __init__(self, fleet: Fleet, effects: Effects, chance: Callable[[], float]) -> None:
        self.runs: dict[UUID, Live] = {}
        self.placing = Placing(fleet)
        self.effects = effects
        self._chance = chance
        self._kept = rows.Kept()
        self._batch = Batch()
        self._outgoing: list[tuple[UUID, Live, c.Execute]] = []
        self._stops: list[tuple[UUID, Place, int]] = []
        self._lookups: dict[Place, c.Execute] = {}
        self._asked: dict[Place, c.Execute] = {}  # the cache, and not answered yet
        self._timers: list[tuple[datetime, int, UUID, f.Fact]] = []
        self._order = itertools.count()

    # -- tasks.guests.Guest ---------------------------------------------------------

    def decide(self, command: Any, now: datetime) -> Any:
        return _DECISIONS[type(command)](self, command, now)

    def report(self, report: cmd.Report, now: datetime) -> None:
        """Raises Conflict for an attempt that this machine was not given, or is not given any more."""
        message: Any = report.message
        place = _place(message.run_id, message.key)
        if place is None or self.placing.at.get(place) != (report.server_id, message.attempt):
            raise Conflict("stale_attempt", "this attempt is not yours", "stop it: the work was given away")
        if isinstance(message, NodeLog):
            self._batch.lines.append(Lines(place, message.attempt, message.first, message.dropped, message.lines))
            return
        self.placing.release(place)
        if message.result.logs:
            self._batch.lines.append(Lines(place, message.attempt, 1, 0, message.result.logs))
        self._tell(place[0], _fact(message, self._chance()), now)

    def conclude(self, now: datetime) -> Iterable[tuple[Block, list[Row]]]:
        for _ in range(MOST_DUE):
            if not self._timers or self._timers[0][0] > now:
                break
            _, _, run_id, fact = heapq.heappop(self._timers)
            if run_id in self.runs:
                self._tell(run_id, fact, now)
        for live, execute, server_id in self.placing.settle():
            place = (live.id, execute.key)
            self._kept.servers[place] = server_id
            self._batch.nodes[place] = None
            self._outgoing.append((server_id, live, execute))
        return rows.filled(rows.changes(self._batch, self.runs, self._kept, now))

    def tell(self) -> None:
        batch, outgoing, stops = self._batch, self._outgoing, self._stops
        self._batch, self._outgoing, self._stops = Batch(), [], []
        ended = {id: self.runs.pop(id) for id in batch.ended}
        lookups, self._lookups = self._lookups, {}
        self._asked |= lookups
        self.effects.committed(batch, {**self.runs, **ended}, outgoing, stops, self._kept.servers)
        for place in batch.nodes:
            live = self.runs.get(place[0])
            if live is None or live.run.nodes[place[1]].ended:
                self._kept.forget(place)
        for (run_id, _), command in lookups.items():
            if run_id in self.runs:
                self.effects.look_up(self.runs[run_id], command)

    def next_wake(self) -> datetime | None:
        return self._timers[0][0] if self._timers else None

    async def rebuild(self, connection: asyncpg.Connection) -> None:
        """Replay every live run; what was on its way to a machine, or on one, is asked of that machine."""
        self.runs.clear()
        self.placing.clear()
        self._timers.clear()
        self._lookups.clear()
        self._asked.clear()
        self._kept, self._batch, self._outgoing, self._stops = rows.Kept(), Batch(), [], []
        lives, placed = await rows.read_live(connection)
        for live in lives:
            self.runs[live.id] = live
            self._restore(live, clock.now())
        for place, server_id, attempt in placed:
            run = self.runs[place[0]].run.nodes.get(place[1])
            if run is not None and run.attempt == attempt and place[1] in self.runs[place[0]].run.active:
                self.placing.leave(place)
                self.placing.take(place, server_id, attempt)
                self._kept.servers[place] = server_id

    def parameters(self, place: Place) -> Json:
        """Return what a node that has not ended is, or was, run with; None if it was not yet."""
        return self._kept.parameters.get(place)

    # -- what is asked ----------------------------------------------------------------

    def on_start(self, order: o.StartRun, now: datetime) -> Live:
        known = self.runs.get(order.run_id)
        if known is not None:
            return known
        live = Live(
            id=order.run_id,
            workflow_id=order.workflow_id,
            version=order.version,
            project_id=order.project_id,
            graph=order.graph,
            run=Run(id=str(order.run_id)),
            started_by=order.started_by,
            created_at=now,
            parent=order.parent,
            letter=order.letter,
            draft=order.draft,
        )
        self.runs[live.id] = live
        self._batch.begun[live.id] = None
        self._tell(live.id, order.begun, now)
        return self.runs[live.id]

    def on_tell(self, order: o.TellRun, now: datetime) -> Live:
        if order.run_id not in self.runs:
            raise NotFound("run_not_live", f"run {order.run_id} is not there, or is over", "corral run list")
        self._tell(order.run_id, order.fact, now)
        return self.runs[order.run_id]

    def on_began(self, order: o.NodeBegan, now: datetime) -> None:
        message = order.message
        place = _place(message.run_id, message.key)
        if place is not None and self.placing.at.get(place) == (order.server_id, message.attempt):
            self._tell(place[0], f.Started(key=message.key, attempt=message.attempt), now)

    def on_cache(self, order: o.CacheAnswered, now: datetime) -> None:
        """Let the older result stand in, or have the node run."""
        place = (order.run_id, order.key)
        command, live = self._asked.pop(place, None), self.runs.get(order.run_id)
        if command is None or live is None or command.attempt != order.attempt:
            return
        if order.result is None:
            self.placing.put(live, command)
            return
        handles = order.result.get("handles")
        cached = f.Completed(
            key=order.key,
            attempt=order.attempt,
            output=order.result.get("output"),
            handles=tuple(handles) if handles is not None else None,
            cached=True,
        )
        self._tell(order.run_id, cached, now)

    def on_held(self, order: o.HoldNodes, now: datetime) -> None:
        """Compare what a machine holds with what it should hold, and repair the difference."""
        held = {(node.run_id, node.key, node.attempt) for node in order.nodes}
        ours = {(str(run_id), key, attempt) for (run_id, key), attempt in self.placing.of(order.server_id)}
        given = {(node.run_id, node.key, node.attempt) for node in order.given}
        gone = ours - held - given
        for run_id, key, attempt in sorted(self.placing.missed(order.server_id, gone, now) if order.again else gone):
            self._lose((UUID(run_id), key), attempt, now)
        for run_id, key, attempt in sorted(held - ours):
            if (place := _place(run_id, key)) is not None:
                self._stops.append((order.server_id, place, attempt))

    def on_lost(self, order: o.LoseNodes, now: datetime) -> None:
        for place, attempt in self.placing.of(order.server_id):
            self._lose(place, attempt, now)

    def _lose(self, place: Place, attempt: int, now: datetime) -> None:
        self.placing.release(place)
        self._tell(place[0], f.Lost(key=place[1], attempt=attempt), now)

    # -- what follows -----------------------------------------------------------------

    def _tell(self, run_id: UUID, fact: f.Fact, now: datetime) -> None:
        before = self.runs[run_id]
        after, commands, touched = before.after(fact, now)
        self.runs[run_id] = after
        batch = self._batch
        batch.history.append(Entry(run_id, after.number, now, fact))
        batch.changed(run_id, touched)
        if before.run.status is not after.run.status:
            batch.moved[run_id] = None
        for command in commands:
            _COMMANDS[type(command)](self, after, command)

    def do_execute(self, live: Live, command: c.Execute) -> None:
        place = (live.id, command.key)
        self._kept.parameters[place] = command.parameters
        self._kept.inputs[place] = command.inputs
        if command.cache_key is not None:
            self._kept.cache_keys[place] = command.cache_key
            self._lookups[place] = command
        else:
            self.placing.put(live, command)

    def do_stop(self, live: Live, command: c.Stop) -> None:
        place = (live.id, command.key)
        found = self.placing.release(place)
        if found is not None:
            self._stops.append((found[0], place, found[1]))
        self._batch.withdrawn.append(place)

    def do_wake(self, live: Live, command: c.Wake) -> None:
        self.set_timer(command.at, live.id, f.Due(key=command.key, attempt=command.attempt))

    def do_fulfil(self, live: Live, command: c.Fulfil) -> None:
        since = live.run.nodes[command.key].since
        if (slept := wishes.slept(command, since)) is not None:
            self.set_timer(slept.at, live.id, slept.then)
        self._batch.wishes.append((live.id, command))

    def do_bury(self, live: Live, command: c.Bury) -> None:
        if live.draft is None:  # who tries something out sees it fail
            self._batch.buried.append((live.id, command))

    def do_end(self, live: Live, command: c.End) -> None:
        self._batch.ended[live.id] = command

    def set_timer(self, at: datetime, run_id: UUID, fact: f.Fact) -> None:
        heapq.heappush(self._timers, (at, next(self._order), run_id, fact))

    def _restore(self, live: Live, now: datetime) -> None:
        """Set the timers again, queue what was to be run, and see to what is waited for."""
        for key, run in live.run.nodes.items():
            if run.due is not None:
                self.set_timer(run.due, live.id, f.Due(key=key, attempt=run.attempt))
        for command in live.again(now):
            self.do_execute(live, command)
        for key, wish in live.waiting().items():
            self.do_fulfil(live, c.Fulfil(key=key, attempt=live.run.nodes[key].attempt, wish=wish))


def _place(run_id: str, key: str) -> Place | None:
    try:
        return UUID(run_id), key
    except ValueError:
        return None


def _fact(message: NodeFinished, chance: float) -> f.Fact:
    key, attempt, result = message.key, message.attempt, message.result
    if result.error is not None:
        return f.Failed(key=key, attempt=attempt, error=result.error, chance=chance)
    if result.wish is not None:
        return f.Suspended(key=key, attempt=attempt, wish=result.wish)
    return f.Completed(key=key, attempt=attempt, output=result.output, handles=result.handles)


_DECISIONS: dict[type[Any], Callable[[Engine, Any, datetime], Any]] = {
    o.StartRun: Engine.on_start,
    o.TellRun: Engine.on_tell,
    o.NodeBegan: Engine.on_began,
    o.CacheAnswered: Engine.on_cache,
    o.HoldNodes: Engine.on_held,
    o.LoseNodes: Engine.on_lost,
}
_COMMANDS: dict[type[Any], Callable[[Engine, Live, Any], None]] = {
    c.Execute: Engine.do_execute,
    c.Stop: Engine.do_stop,
    c.Wake: Engine.do_wake,
    c.Fulfil: Engine.do_fulfil,
    c.Bury: Engine.do_bury,
    c.End: Engine.do_end,
}
