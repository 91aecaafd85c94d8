"""The life of a unit whose processes hang on pipes: a command, a headless agent. They end with the daemon."""

import asyncio
import errno
import os

from corral_daemon import clock
from corral_daemon.agents.adapter import Said
from corral_daemon.life import House, Life
from corral_daemon.processes.child import Child, SpawnFailed
from corral_daemon.processes.client import Command
from corral_daemon.processes.ending import Exit
from corral_daemon.processes.leftovers import kill_cookie
from corral_daemon.units import errands
from corral_daemon.units.errands import Errand
from corral_daemon.units.job import Job
from corral_daemon.units.outcome import UnitFailed, judge, merge_results, missing_contracts, read_result
from corral_daemon.units.outcome import system_error as class_of
from corral_daemon.units.output import Output
from corral_daemon.workspace import place, worktree
from corral_daemon.workspace.place import Place
from corral_protocol.codec import Json
from corral_protocol.outcome import Outcome, UnitError
from corral_protocol.vocabulary import ErrorClass, Phase, Stream


class ProcessLife(Life):
    def __init__(self, house: House, job: Job, cookie: str, after: tuple[Life, ...]) -> None:
        super().__init__(house, job, after)
        self._cookie = cookie
        self._output = Output(house.reporter, job.unit)
        self._child: Child | None = None

    def stop(self, why: UnitError, grace: float, *, quiet: bool = False) -> None:
        self._output.mute |= quiet
        super().stop(why, grace, quiet=quiet)

    def end_processes(self, grace: float) -> None:
        if self._child:
            self._child.kill(grace)

    async def perform(self) -> Outcome:
        where = await self.unless_stopped(place.prepare(self.job, self.house.settings))
        if self.job.run.kind == "command" and self.job.message.phase is Phase.PLAN:
            await self.house.reporter.started(self.job.unit, None, clock.unix())
            return Outcome(result=errands.command_plan(self.job, str(where.directory), self.house.shell))
        errand, variables = self.prepare()
        self._child = await self._spawn(errand, self._command(errand, variables, where))
        try:
            await self.house.reporter.started(self.job.unit, self.pid, clock.unix())
            ended = await self._watch(self._child)
        finally:
            self._child.kill(0.0)
        return await self._conclude(errand, where, ended)

    def _command(self, errand: Errand, variables: dict[str, str], where: Place) -> Command:
        return Command(
            argv=errand.argv,
            directory=str(where.directory),
            environment=variables,
            cookie=self._cookie,
            stdin=str(self.files.prompt) if errand.takes_stdin else os.devnull,
            grace=self.house.settings.grace,
        )

    async def _spawn(self, errand: Errand, command: Command) -> Child:
        try:
            child = await self.house.keeper.spawn(command)
        except SpawnFailed as error:
            absent = error.errno in (errno.ENOENT, errno.EACCES)
            kind = class_of(error.errno, errand.missing if absent else ErrorClass.SPAWN_FAILED)
            raise UnitFailed(kind, f"{command.argv[0]} cannot be started: {error}") from error
        self.pid = child.started.result()
        if self.why:
            child.kill(self.grace)
        return child

    async def _watch(self, child: Child) -> Exit:
        """Report the output until the whole tree is gone."""
        timeout = self.job.run.timeout
        late = UnitError(kind=ErrorClass.TIMEOUT, message=f"it ran longer than {timeout or 0:g} s")
        loop = asyncio.get_running_loop()
        timer = loop.call_later(timeout, self.stop, late, self.house.settings.grace) if timeout else None
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
        error = judge(ended, self.why, errors, reading.problem)
        result: Json = None
        try:
            result = merge_results(read_result(self.files.read_result()), reading.result)
            if error is None:
                await self._merge(where, result)
        except UnitFailed as failure:
            error = error or failure.error
        return Outcome(
            error=error,
            exit_code=ended.code,
            signal=ended.signal,
            result=result,
            duration=clock.steady() - self.begun,
            usage=reading.usage,
        )

    async def _merge(self, where: Place, result: Json) -> None:
        """Merge what is complete: without a required contract there will be another round in the same worktree."""
        required = tuple(contract.key for contract in self.job.spec.contracts if contract.required)
        executes = self.job.message.phase is Phase.EXECUTE
        if self.job.run.merge and where.checkout and executes and not missing_contracts(required, result):
            await worktree.merge(where.checkout, " ".join(self.job.message.title.split()) or self.job.short)
