"""The launcher: what is deployed, in memory, and events turned into runs in the reactor's batches.

A run, the clock that it is owed to and the event that waited for it are written by one commit. What is due, what a
clock makes up for and who may call is decided elsewhere, in pure files.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from corral_hub.db.blocks import Block, Row
from corral_hub.errors import Conflict, NotFound, TooMany
from corral_hub.tasks import commands as cmd
from corral_hub.triggers import orders as o
from corral_hub.triggers import rows
from corral_hub.triggers.arming import kept
from corral_hub.triggers.clocks import Clock, Overlap
from corral_hub.triggers.misfire import due
from corral_hub.triggers.model import Deployment, Trigger, Waiting, WhenBusy
from corral_hub.triggers.schedule import next_fire
from corral_hub.triggers.tally import Tally
from corral_hub.triggers.timers import Timers
from corral_hub.workflows import facts as f
from corral_hub.workflows.engine import Engine
from corral_hub.workflows.live import Live
from corral_hub.workflows.orders import StartRun
from corral_hub.workflows.runs import graph_of
from corral_protocol.codec import Json

MOST_WAITING = 1000
"""Events of one workflow that wait for their turn."""
MOST_CLOCKS = 250
"""Clocks that are seen to in one batch: thousands may be due at one instant, and others wait for the commit."""


class Launcher:
    """Implements tasks.guests.Guest, before the engine: what begins here is the engine's in the same batch."""

    commands = frozenset({o.Arm, o.Disarm, o.Fire})
    reports = frozenset[type[Any]]()

    def __init__(self, engine: Engine, look: Callable[[], None] = lambda: None) -> None:
        self.armed: dict[int, Deployment] = {}
        self.paths: dict[str, tuple[int, str]] = {}
        self.look = look
        self._engine = engine
        self._tally = Tally(engine)
        self._queues: defaultdict[int, deque[Waiting]] = defaultdict(deque)
        self._freed: dict[int, None] = {}
        self._timers = Timers()
        self._changes = rows.Changes()

    # -- tasks.guests.Guest ---------------------------------------------------------

    def decide(self, command: Any, now: datetime) -> Any:
        return _DECISIONS[type(command)](self, command, now)

    def report(self, report: cmd.Report, now: datetime) -> None:
        raise TypeError("nothing is reported to triggers")

    def conclude(self, now: datetime) -> Iterable[tuple[Block, list[Row]]]:
        freed, self._freed = self._freed, {}
        for workflow_id in freed:
            self._call_up(workflow_id, now)
        for workflow_id, node_id in self._timers.pop_due(now, MOST_CLOCKS):
            self._strike(self.armed[workflow_id], node_id, now)
        return rows.blocks(self._changes, self.armed, now)

    def tell(self) -> None:
        self._changes = rows.Changes()

    def next_wake(self) -> datetime | None:
        return self._timers.next()

    async def rebuild(self, connection: asyncpg.Connection) -> None:
        for table in (self.armed, self.paths, self._queues, self._freed, self._timers):
            table.clear()
        self._tally.forget()
        self._changes = rows.Changes()
        found, waiting = await rows.read_all(connection)
        for deployment in found:
            self._put(deployment)
        for event in waiting:
            self._queues[event.workflow_id].append(event)
            self._freed[event.workflow_id] = None

    # -- what is asked ----------------------------------------------------------------

    def on_arm(self, order: o.Arm, now: datetime) -> Deployment:
        new = order.deployment
        self.check_paths(new)
        old = self.armed.get(new.workflow_id)
        triggers = kept(old, new.triggers)
        if old is not None:
            new = replace(new, id=old.id, deployed_at=old.deployed_at)
        new = replace(new, triggers=triggers)
        gone = tuple(id for id in (old.triggers if old else ()) if id not in triggers)
        self._take_away(new.workflow_id)
        self._put(new)
        self._changes.put[new.workflow_id] = (new, gone)
        self._drop(new.workflow_id, lambda event: event.node_id not in triggers)
        self._freed[new.workflow_id] = None  # more may run than before
        self._say("workflow_deployed", new, new.deployed_by, version=new.version)
        return new

    def on_disarm(self, order: o.Disarm, now: datetime) -> None:
        old = self._take_away(order.workflow_id)
        if old is None:
            raise not_deployed(order.workflow_id)
        self._drop(order.workflow_id, lambda _: True)
        self._changes.put.pop(order.workflow_id, None)
        self._changes.gone.append(old.id)
        self._say("workflow_undeployed", old, order.actor, version=old.version)

    def on_fire(self, order: o.Fire, now: datetime) -> o.Launch:
        deployment = self.armed.get(order.workflow_id)
        trigger = deployment.triggers.get(order.node_id) if deployment is not None else None
        if deployment is None or trigger is None:
            raise not_deployed(order.workflow_id)
        if order.run_id in self._engine.runs:
            return o.Launch.BEGUN
        event = Waiting(
            run_id=order.run_id, workflow_id=order.workflow_id, node_id=order.node_id, payload=order.payload, at=now
        )
        if any(known.run_id == event.run_id for known in self._queues.get(order.workflow_id, ())):
            return o.Launch.QUEUED
        if not self._is_busy(deployment, trigger):
            self._begin(deployment, trigger, event.run_id, event.payload, now)
            return o.Launch.BEGUN
        if deployment.when_busy is WhenBusy.REJECT or not self._wait(deployment, event):
            what = f"workflow {deployment.workflow_id} has as many runs as it may"
            raise TooMany("workflow_busy", what, "try again later", retry_after=5.0)
        return o.Launch.QUEUED

    def check_paths(self, new: Deployment) -> None:
        """Raise Conflict if another deployment listens where this one would."""
        for path in (trigger.path for trigger in new.triggers.values()):
            owner = self.paths.get(path) if path is not None else None
            if owner is not None and owner[0] != new.workflow_id:
                other = self.armed[owner[0]]
                what = f"workflow {other.workflow_id} ({other.workflow[:60]}) listens at /webhook/{path}"
                raise Conflict("path_taken", what, "give the webhook another path", workflow_id=other.workflow_id)

    def run_ended(self, live: Live) -> None:
        """Called once an end is committed: whoever waits may begin."""
        workflow_id = self._tally.ended(live.id)
        if workflow_id is not None and self._queues.get(workflow_id):
            self._freed[workflow_id] = None
            self.look()

    def running(self, workflow_id: int) -> int:
        return self._tally.of(workflow_id)

    def waiting(self, workflow_id: int) -> int:
        return len(self._queues.get(workflow_id, ()))

    # -- clocks -------------------------------------------------------------------------

    def _strike(self, deployment: Deployment, node_id: str, now: datetime) -> None:
        """See to a clock that is due: begin its runs, and set it again."""
        trigger = deployment.triggers[node_id]
        clock, seen = trigger.settings, trigger.seen or deployment.changed_at
        if not isinstance(clock, Clock):
            return
        found = due(clock.schedule, seen, now, clock.misfire, clock.misfire_limit)
        if found.missed:
            told = {"node": node_id, "since": seen.isoformat(), "policy": clock.misfire.value}
            self._say("cron_misfired", deployment, f"cron:{node_id}", fires=len(found.fires), **told)
        self._note(deployment, replace(trigger, seen=now))
        for at in found.fires:
            self._fire_clock(deployment.workflow_id, node_id, clock, at, now)
        self._set_clock(deployment.workflow_id, node_id)

    def _fire_clock(self, workflow_id: int, node_id: str, clock: Clock, at: datetime, now: datetime) -> None:
        deployment = self.armed[workflow_id]
        trigger = deployment.triggers[node_id]
        run_id = uuid5(deployment.id, f"{node_id}@{at.isoformat()}")
        payload = clock.payload(at, trigger.fires + 1, now)
        event = Waiting(run_id=run_id, workflow_id=workflow_id, node_id=node_id, payload=payload, at=now)
        if clock.overlap is Overlap.SKIP and self._tally.of(workflow_id, node_id):
            return
        if not self._is_busy(deployment, trigger):
            self._begin(deployment, trigger, run_id, payload, now)
        elif clock.overlap is Overlap.QUEUE or deployment.when_busy is WhenBusy.QUEUE:
            self._wait(deployment, event)

    def _set_clock(self, workflow_id: int, node_id: str) -> None:
        deployment = self.armed[workflow_id]
        trigger = deployment.triggers[node_id]
        if isinstance(trigger.settings, Clock):
            at = next_fire(trigger.settings.schedule, trigger.seen or deployment.changed_at)
            self._timers.set((workflow_id, node_id), at)

    # -- runs and who waits for one -------------------------------------------------------

    def _begin(self, deployment: Deployment, trigger: Trigger, run_id: UUID, payload: Json, now: datetime) -> None:
        order = StartRun(
            run_id=run_id,
            workflow_id=deployment.workflow_id,
            version=deployment.version,
            project_id=deployment.project_id,
            graph=graph_of(deployment.definition),
            begun=f.Begun(trigger=trigger.node_id, payload=payload, idle=deployment.others(trigger.node_id)),
            started_by=f"{trigger.kind.value}:{trigger.node_id}",
        )
        self._engine.decide(order, now)
        self._tally.begun(run_id, deployment.workflow_id, trigger.node_id)
        self._note(deployment, replace(trigger, fires=trigger.fires + 1, fired_at=now))

    def _is_busy(self, deployment: Deployment, trigger: Trigger) -> bool:
        id, clock = deployment.workflow_id, trigger.settings
        if deployment.concurrency is not None and self._tally.of(id) >= deployment.concurrency:
            return True
        alone = isinstance(clock, Clock) and clock.overlap is Overlap.QUEUE
        return alone and self._tally.of(id, trigger.node_id) > 0

    def _wait(self, deployment: Deployment, event: Waiting) -> bool:
        queue = self._queues[deployment.workflow_id]
        if len(queue) >= MOST_WAITING:
            return False
        queue.append(event)
        self._changes.waiting[event.run_id] = (deployment.id, event)
        return True

    def _call_up(self, workflow_id: int, now: datetime) -> None:
        """Begin what waits, in order, as far as there is room."""
        queue = self._queues.pop(workflow_id, deque())
        rest: deque[Waiting] = deque()
        for event in queue:
            deployment = self.armed.get(workflow_id)
            trigger = deployment.triggers.get(event.node_id) if deployment is not None else None
            if deployment is None or trigger is None or self._is_busy(deployment, trigger):
                rest.append(event)
                continue
            self._begin(deployment, trigger, event.run_id, event.payload, now)
            self._forget(event)
        if rest:
            self._queues[workflow_id] = rest

    def _drop(self, workflow_id: int, unwanted: Callable[[Waiting], bool]) -> None:
        queue = self._queues.pop(workflow_id, deque())
        for event in queue:
            if unwanted(event):
                self._forget(event)
            else:
                self._queues[workflow_id].append(event)

    def _forget(self, event: Waiting) -> None:
        if self._changes.waiting.pop(event.run_id, None) is None:
            self._changes.waited.append(event.run_id)

    # -- memory -------------------------------------------------------------------------

    def _put(self, deployment: Deployment) -> None:
        self.armed[deployment.workflow_id] = deployment
        for trigger in deployment.triggers.values():
            if trigger.path is not None:
                self.paths[trigger.path] = (deployment.workflow_id, trigger.node_id)
            self._set_clock(deployment.workflow_id, trigger.node_id)

    def _take_away(self, workflow_id: int) -> Deployment | None:
        old = self.armed.pop(workflow_id, None)
        for trigger in old.triggers.values() if old is not None else ():
            if trigger.path is not None:
                self.paths.pop(trigger.path, None)
            self._timers.forget((workflow_id, trigger.node_id))
        return old

    def _note(self, deployment: Deployment, trigger: Trigger) -> None:
        """Keep a changed trigger, and have it written."""
        now = self.armed[deployment.workflow_id]
        triggers = {**now.triggers, trigger.node_id: trigger}
        changed = self.armed[deployment.workflow_id] = replace(now, triggers=triggers)
        self._changes.fired[deployment.workflow_id, trigger.node_id] = None
        if deployment.workflow_id in self._changes.put:
            self._changes.put[deployment.workflow_id] = (changed, self._changes.put[deployment.workflow_id][1])

    def _say(self, event_type: str, deployment: Deployment, actor: str, **details: Json) -> None:
        told = {"workflow_id": deployment.workflow_id, "workflow": deployment.workflow[:200], **details}
        self._changes.lines.append(rows.Line(event_type, deployment.project_id, actor, told))


def not_deployed(workflow_id: int) -> NotFound:
    what = f"workflow {workflow_id} is not deployed, or has no such trigger"
    return NotFound("not_deployed", what, f"corral workflow deploy {workflow_id}")


_DECISIONS: dict[type[Any], Callable[[Launcher, Any, datetime], Any]] = {
    o.Arm: Launcher.on_arm,
    o.Disarm: Launcher.on_disarm,
    o.Fire: Launcher.on_fire,
}
