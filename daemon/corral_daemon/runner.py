"""The runner: takes units in hand, within the slots, and stops them when it is told to. Implements ports.Work."""

import asyncio
import logging
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from corral_daemon import clock
from corral_daemon.agents.adapter import Adapter
from corral_daemon.life import House, Life
from corral_daemon.ports import Reporter, RunnerSettings, Stages, Unit
from corral_daemon.process_life import ProcessLife
from corral_daemon.processes.client import ORPHAN_GRACE, Keeper
from corral_daemon.terminal_life import TerminalLife, taken_up
from corral_daemon.units import environment
from corral_daemon.units.job import Declined, admit, read_job
from corral_daemon.workspace import place
from corral_protocol.outcome import UnitError
from corral_protocol.to_daemon import TaskAssigned
from corral_protocol.to_hub import HeldUnit
from corral_protocol.vocabulary import ErrorClass

log = logging.getLogger(__name__)

Key = tuple[str, int]


class Runner:
    """Must be made inside a running event loop, and closed: it starts the keeper's process at once."""

    def __init__(
        self, reporter: Reporter, settings: RunnerSettings, adapters: Mapping[str, Adapter], stages: Stages
    ) -> None:
        self._house = House(
            reporter=reporter,
            settings=settings,
            adapters=adapters,
            keeper=Keeper(),
            stages=stages,
            own=own_environment(),
            shell=shutil.which("bash") or "/bin/sh",
            changed=self._look,
        )
        self._lives: dict[Key, Life] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._left: set[Key] = set()
        self._draining = False
        self._clearing: asyncio.Task[None] | None = None
        self.idle = asyncio.Event()
        self.free = asyncio.Event()
        self._look()

    async def take_up(self) -> None:
        """Nothing else is held yet. What has ended meanwhile is reported like anything that ends."""
        for stage in self._house.stages.left():
            life = taken_up(self._house, stage)
            if life is None or self._house.reporter.has_ended(*life.job.key):
                log.warning("event=terminal_of_no_unit session_id=%s", stage.session_id)
                stage.kill(ORPHAN_GRACE)
                stage.release()
                continue
            log.info("event=taken_up task_id=%s epoch=%d pid=%d", *life.job.key, stage.pid)
            if self._house.reporter.has_started(*life.job.key):
                life.known_as_started()
                self._begin(life)
            else:  # the daemon died before it was written down
                await self._take(life, "")

    async def assign(self, message: TaskAssigned) -> None:
        """Take the unit, or decline it. A higher epoch of a held task stops the old unit first; a lower one is old."""
        siblings = [life for (task_id, _), life in self._lives.items() if task_id == message.task_id]
        if any(life.job.message.epoch >= message.epoch for life in siblings):
            if message.runs_in and (message.task_id, message.epoch) not in self._lives:
                self._house.stages.give_up(message.runs_in, "a newer assignment came")
            return
        for life in siblings:
            life.stop(UnitError(kind=ErrorClass.CANCELLED, message="a newer assignment came"), ORPHAN_GRACE, quiet=True)
        settings = self._house.settings
        used = len(self._lives) - len(siblings)
        full = place.is_full(settings.state_dir)
        job = admit(read_job(message), draining=self._draining, used=used, most=settings.max_concurrent, full=full)
        if isinstance(job, Declined):
            log.info("event=declined task_id=%s epoch=%d code=%s", message.task_id, message.epoch, job.code)
            if message.runs_in:
                self._house.stages.give_up(message.runs_in, f"{job.code}: {job.detail}")
            await self._house.reporter.declined(_unit(message), job.code, job.detail)
            return
        if job.run.kind == "session":
            await self._take(TerminalLife(self._house, job, tuple(siblings)), "")
        else:
            cookie = clock.identity()
            await self._take(ProcessLife(self._house, job, cookie, tuple(siblings)), cookie)

    async def cancel(self, task_id: str, epoch: int, reason: str, grace: float, after: float = 0.0) -> None:
        if life := self._lives.get((task_id, epoch)):
            why = UnitError(kind=ErrorClass.CANCELLED, message=reason)
            if after > 0:
                life.stop_later(after, why, grace)
            else:
                life.stop(why, grace)

    async def refuse(self, task_id: str, epoch: int) -> None:
        if life := self._lives.get((task_id, epoch)):
            why = UnitError(kind=ErrorClass.LEASE_EXPIRED, message="the hub has given the task to somebody else")
            life.stop(why, ORPHAN_GRACE, quiet=True)

    def held(self) -> tuple[HeldUnit, ...]:
        return tuple(
            HeldUnit(task_id=task_id, attempt=life.job.message.attempt, epoch=epoch, pid=life.pid)
            for (task_id, epoch), life in self._lives.items()
        )

    def capacity(self) -> tuple[int, int]:
        return len(self._lives), self._house.settings.max_concurrent

    def drain(self) -> None:
        self._draining = True

    async def close(self, grace: float) -> None:
        self._draining = True
        for key, life in self._lives.items():
            if life.outlives:
                self._left.add(key)
                if task := self._tasks.get(key):
                    task.cancel()
            else:
                life.stop(UnitError(kind=ErrorClass.DAEMON_RESTARTED, message="the daemon was stopped"), grace)
        tasks = tuple(self._tasks.values())
        await asyncio.gather(*(_unless_cancelled(task) for task in tasks))
        if self._clearing:
            await self._clearing
        await self._house.keeper.close()

    async def _take(self, life: Life, cookie: str) -> None:
        """`cookie` is in the environment of processes that must not outlive this daemon."""
        self._lives[life.job.key] = life
        try:
            await self._house.reporter.accepted(life.job.message, cookie)
        except BaseException:
            self._forget(life.job.key)
            raise
        self._begin(life)

    def _begin(self, life: Life) -> None:
        key = life.job.key
        self._lives[key] = life
        self._look()
        task = asyncio.create_task(self._live(life))
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _live(self, life: Life) -> None:
        try:
            await life.run()
        finally:
            if life.job.key not in self._left:  # else its files are in use, and the next daemon's
                self._forget(life.job.key)
                self._clear()

    def _forget(self, key: Key) -> None:
        del self._lives[key]
        self._look()

    def _look(self) -> None:
        for event, held in ((self.idle, self._lives), (self.free, [x for x in self._lives.values() if not x.outlives])):
            (event.clear if held else event.set)()

    def _clear(self) -> None:
        if self._clearing is None or self._clearing.done():
            self._clearing = asyncio.create_task(place.clear(self._house.settings.state_dir, self._names))

    def _names(self) -> set[str]:
        """Directories in use: those of a task, those of a unit."""
        return {name for life in self._lives.values() for name in (life.job.name, life.folder)}


async def _unless_cancelled(task: "asyncio.Task[None]") -> None:
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


def own_environment() -> Mapping[str, str]:
    """Return our own environment, with `corral` on its PATH."""
    return environment.with_folder(os.environ, str(Path(sys.executable).parent))


def base_environment(adapters: Mapping[str, Adapter]) -> Mapping[str, str]:
    """Return what sessions get to see of our own environment: a person may start any of the agents there."""
    passes = [prefix for adapter in adapters.values() for prefix in adapter.passes]
    return environment.inherited(own_environment(), passes)


def _unit(message: TaskAssigned) -> Unit:
    return Unit(task_id=message.task_id, attempt=message.attempt, epoch=message.epoch, phase=message.phase)
