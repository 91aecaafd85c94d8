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
from corral_daemon.ports import Reporter, RunnerSettings, Unit
from corral_daemon.processes.client import ORPHAN_GRACE, Keeper
from corral_daemon.units import environment
from corral_daemon.units.job import Declined, Job, admit, read_job
from corral_daemon.workspace import place
from corral_protocol.outcome import UnitError
from corral_protocol.to_daemon import TaskAssigned
from corral_protocol.to_hub import HeldUnit
from corral_protocol.vocabulary import ErrorClass

log = logging.getLogger(__name__)

Key = tuple[str, int]


class Runner:
    """Must be made inside a running event loop, and closed: it starts the keeper's process at once."""

    def __init__(self, reporter: Reporter, settings: RunnerSettings, adapters: Mapping[str, Adapter]) -> None:
        self._house = House(
            reporter=reporter,
            settings=settings,
            adapters=adapters,
            keeper=Keeper(),
            own=environment.with_folder(os.environ, str(Path(sys.executable).parent)),
            shell=shutil.which("bash") or "/bin/sh",
        )
        self._lives: dict[Key, Life] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False
        self._clearing: asyncio.Task[None] | None = None
        self.idle = asyncio.Event()
        self.idle.set()

    async def assign(self, message: TaskAssigned) -> None:
        """Take the unit, or decline it. A higher epoch of a held task stops the old unit first; a lower one is old."""
        siblings = [life for (task_id, _), life in self._lives.items() if task_id == message.task_id]
        if any(life.job.message.epoch >= message.epoch for life in siblings):
            return
        for life in siblings:
            life.stop(UnitError(kind=ErrorClass.CANCELLED, message="a newer assignment came"), ORPHAN_GRACE, quiet=True)
        settings = self._house.settings
        used = len(self._lives) - len(siblings)
        job = admit(read_job(message), draining=self._draining, used=used, most=settings.max_concurrent)
        if isinstance(job, Declined):
            log.info("event=declined task_id=%s epoch=%d code=%s", message.task_id, message.epoch, job.code)
            await self._house.reporter.declined(_unit(message), job.code, job.detail)
            return
        await self._take(job, tuple(siblings))

    async def cancel(self, task_id: str, epoch: int, reason: str, grace: float) -> None:
        if life := self._lives.get((task_id, epoch)):
            life.stop(UnitError(kind=ErrorClass.CANCELLED, message=reason), grace)

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
        for life in self._lives.values():
            life.stop(UnitError(kind=ErrorClass.DAEMON_RESTARTED, message="the daemon was stopped"), grace)
        await asyncio.gather(*self._tasks)
        if self._clearing:
            await self._clearing
        await self._house.keeper.close()

    async def _take(self, job: Job, siblings: tuple[Life, ...]) -> None:
        cookie = clock.identity()
        life = Life(self._house, job, cookie, siblings)
        self._lives[job.key] = life
        self.idle.clear()
        try:
            await self._house.reporter.accepted(job.message, cookie)
        except BaseException:
            self._forget(job.key)
            raise
        task = asyncio.create_task(self._live(life))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _live(self, life: Life) -> None:
        try:
            await life.run()
        finally:
            self._forget(life.job.key)
            self._clear()

    def _forget(self, key: Key) -> None:
        del self._lives[key]
        if not self._lives:
            self.idle.set()

    def _clear(self) -> None:
        if self._clearing is None or self._clearing.done():
            self._clearing = asyncio.create_task(place.clear(self._house.settings.state_dir, self._names))

    def _names(self) -> set[str]:
        """Directories in use: those of a task, those of a unit."""
        return {name for life in self._lives.values() for name in (life.job.name, life.folder)}


def _unit(message: TaskAssigned) -> Unit:
    return Unit(task_id=message.task_id, attempt=message.attempt, epoch=message.epoch, phase=message.phase)
