"""The life of one unit, from `accepted` to its last report."""

import asyncio
import errno
import logging
import os
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from corral_daemon import clock
from corral_daemon.agents.adapter import Said
from corral_daemon.errors import DaemonError
from corral_daemon.ports import Reporter, RunnerSettings
from corral_daemon.processes.child import Child, SpawnFailed
from corral_daemon.processes.client import Command, Keeper
from corral_daemon.processes.ending import Exit
from corral_daemon.processes.leftovers import kill_cookie
from corral_daemon.units import environment, errands
from corral_daemon.units.errands import Adapters, Errand, Folders
from corral_daemon.units.files import Files
from corral_daemon.units.job import Job
from corral_daemon.units.outcome import UnitFailed, judge, merge_results, missing_contracts, plan_of, read_result
from corral_daemon.units.outcome import system_error as class_of
from corral_daemon.units.output import Output
from corral_daemon.workspace import place, worktree
from corral_daemon.workspace.place import Place
from corral_protocol.codec import Json
from corral_protocol.outcome import Outcome, UnitError
from corral_protocol.vocabulary import ErrorClass, Phase, Stream

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every unit of this daemon shares. `own`: the daemon's environment, of which units inherit a part."""

    reporter: Reporter
    settings: RunnerSettings
    adapters: Adapters
    keeper: Keeper
    own: Mapping[str, str]
    shell: str


class Life:
    """`after` must have ended before this one begins: an older epoch of the same task."""

    def __init__(self, house: House, job: Job, cookie: str, after: "tuple[Life, ...]") -> None:
        self.job = job
        self.ended = asyncio.Event()
        self.pid: int | None = None
        self._house = house
        self._cookie = cookie
        self._after = after
        self._output = Output(house.reporter, job.unit)
        self._files = Files(house.settings.state_dir / "units" / f"{job.name}-{job.message.epoch}")
        self._begun = clock.steady()
        self._child: Child | None = None
        self._stop: UnitError | None = None
        self._grace = house.settings.grace
        self._stopped = asyncio.Event()

    @property
    def folder(self) -> str:
        """The name of its own folder below `units` and `scratch`."""
        return self._files.folder.name

    def stop(self, why: UnitError, grace: float, *, quiet: bool = False) -> None:
        """Begin to end the unit. The first reason stays, a later call may only hasten it. `quiet`: no more output."""
        self._stop = self._stop or why
        self._grace = min(self._grace, grace) if self._stopped.is_set() else grace
        self._output.mute |= quiet
        self._stopped.set()
        if self._child:
            self._child.kill(self._grace)

    async def run(self) -> None:
        try:
            outcome = await self._attempt()
            await self._report(outcome)
        except DaemonError as error:
            log.error("event=unit_not_reported task_id=%s reason=%r", self.job.message.task_id, str(error))
        finally:
            self.ended.set()

    async def _report(self, outcome: Outcome) -> None:
        reporter, unit = self._house.reporter, self.job.unit
        if outcome.error is None and unit.phase is Phase.PLAN:
            await reporter.planned(unit, plan_of(outcome.result))
        else:
            await reporter.finished(unit, outcome)

    async def _attempt(self) -> Outcome:
        for older in self._after:
            await older.ended.wait()
        try:
            return await self._perform()
        except UnitFailed as failure:
            return self._failed(failure.error)
        except OSError as error:
            return self._failed(UnitError(kind=class_of(error.errno, ErrorClass.SPAWN_FAILED), message=str(error)))
        except DaemonError:
            raise
        except Exception as error:  # a mistake of ours must not leave the unit without an end
            log.exception("event=unit_broke task_id=%s", self.job.message.task_id)
            return self._failed(UnitError(kind=ErrorClass.KILLED, message=f"the daemon made a mistake: {error!r}"))

    def _failed(self, error: UnitError) -> Outcome:
        return Outcome(error=error, duration=clock.steady() - self._begun)

    async def _perform(self) -> Outcome:
        where = await self._unless_stopped(place.prepare(self.job, self._house.settings))
        if self.job.run.kind == "command" and self.job.message.phase is Phase.PLAN:
            await self._house.reporter.started(self.job.unit, None, clock.unix())
            return Outcome(result=errands.command_plan(self.job, str(where.directory), self._house.shell))
        errand, command = self._prepare(where)
        self._child = await self._spawn(errand, command)
        try:
            await self._house.reporter.started(self.job.unit, self.pid, clock.unix())
            ended = await self._watch(self._child)
        finally:
            self._child.kill(0.0)
        return await self._conclude(errand, where, ended)

    async def _unless_stopped(self, work: Awaitable[T]) -> T:
        """Raises UnitFailed with the reason if the unit is stopped meanwhile."""
        doing = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._stopped.wait())
        await asyncio.wait([doing, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if self._stop is None:
            return await doing
        doing.cancel()
        await asyncio.wait([doing])
        raise UnitFailed(self._stop.kind, self._stop.message)

    def _prepare(self, where: Place) -> tuple[Errand, Command]:
        """Raises UnitFailed, OSError."""
        house, job, files = self._house, self.job, self._files
        paths = files.write(job)
        folders = Folders(prompt=str(files.prompt), files=str(files.folder))
        prompt = errands.prompt_of(job) if job.run.kind == "agent" else ""
        errand = errands.ERRANDS[job.run.kind](job, house.adapters, prompt, folders, house.shell)
        if prompt:
            files.write_prompt(prompt)
        command = Command(
            argv=errand.argv,
            directory=str(where.directory),
            environment={
                **environment.inherited(house.own, errand.passes),
                **errand.environment,
                **job.run.env,
                **environment.of_unit(job.message, house.settings.hub_url, paths),
            },
            cookie=self._cookie,
            stdin=str(files.prompt) if errand.takes_stdin else os.devnull,
            grace=house.settings.grace,
        )
        return errand, command

    async def _spawn(self, errand: Errand, command: Command) -> Child:
        try:
            child = await self._house.keeper.spawn(command)
        except SpawnFailed as error:
            absent = error.errno in (errno.ENOENT, errno.EACCES)
            kind = class_of(error.errno, errand.missing if absent else ErrorClass.SPAWN_FAILED)
            raise UnitFailed(kind, f"{command.argv[0]} cannot be started: {error}") from error
        self.pid = child.started.result()
        if self._stop:
            child.kill(self._grace)
        return child

    async def _watch(self, child: Child) -> Exit:
        """Report the output until the whole tree is gone."""
        timeout = self.job.run.timeout
        late = UnitError(kind=ErrorClass.TIMEOUT, message=f"it ran longer than {timeout or 0:g} s")
        loop = asyncio.get_running_loop()
        timer = loop.call_later(timeout, self.stop, late, self._house.settings.grace) if timeout else None
        pumps = [
            asyncio.create_task(self._output.pump(Stream.STDOUT, child.stdout)),
            asyncio.create_task(self._output.pump(Stream.STDERR, child.stderr)),
        ]
        try:
            ended = await asyncio.shield(child.ended)
        finally:
            if timer:
                timer.cancel()
        if ended.lost:  # the keeper clears up as well; we must be sure before we say that it is over
            await kill_cookie(self._cookie, 0.0)
        self._output.finish()
        await asyncio.gather(*pumps)
        return ended

    async def _conclude(self, errand: Errand, where: Place, ended: Exit) -> Outcome:
        errors = self._output.tail(Stream.STDERR)
        said = Said(output=self._output.tail(Stream.STDOUT), errors=errors, exit_code=ended.code)
        reading = errand.read(said)
        error = judge(ended, self._stop, errors, reading.problem)
        result: Json = None
        try:
            result = merge_results(read_result(self._files.read_result()), reading.result)
            if error is None:
                await self._merge(where, result)
        except UnitFailed as failure:
            error = error or failure.error
        return Outcome(
            error=error,
            exit_code=ended.code,
            signal=ended.signal,
            result=result,
            duration=clock.steady() - self._begun,
            usage=reading.usage,
        )

    async def _merge(self, where: Place, result: Json) -> None:
        """Merge what is complete: without a required contract there will be another round in the same worktree."""
        required = tuple(contract.key for contract in self.job.spec.contracts if contract.required)
        executes = self.job.message.phase is Phase.EXECUTE
        if self.job.run.merge and where.checkout and executes and not missing_contracts(required, result):
            await worktree.merge(where.checkout, " ".join(self.job.message.title.split()) or self.job.short)
