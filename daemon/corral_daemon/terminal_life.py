"""The life of a unit whose agent sits in a terminal. It goes on without this daemon; the next one takes it up."""

import asyncio
import shutil
from dataclasses import replace

from corral_daemon import clock
from corral_daemon.agents.adapter import Hooking, Settling
from corral_daemon.errors import DaemonError
from corral_daemon.life import House, Life
from corral_daemon.ports import Opening, Stage, Stages
from corral_daemon.processes.ending import Exit
from corral_daemon.units import environment, residence
from corral_daemon.units.job import Job
from corral_daemon.units.outcome import UnitFailed, read_result
from corral_daemon.workspace import place
from corral_protocol.codec import Json
from corral_protocol.outcome import Outcome, UnitError
from corral_protocol.vocabulary import ErrorClass


class TerminalLife(Life):
    """`stage` is there, and `begun` the Unix time of its begin, where an earlier daemon opened it."""

    def __init__(
        self, house: House, job: Job, after: tuple[Life, ...], stage: Stage | None = None, begun: float | None = None
    ) -> None:
        super().__init__(house, job, after)
        self._stage = stage
        self._started = False
        if begun is not None:
            self.begun -= max(0.0, clock.unix() - begun)
        if stage is not None:
            self.pid = stage.pid

    @property
    def outlives(self) -> bool:
        return self._stage is not None and self.why is None

    @property
    def ends_with_plan(self) -> bool:
        """It hands its plan in, and waits."""
        return False

    def known_as_started(self) -> None:
        """An earlier daemon has said so."""
        self._started = True

    def reported(self) -> None:
        if self._stage:
            self._stage.release()

    def end_processes(self, grace: float) -> None:
        if self._stage:
            self._stage.kill(grace)

    async def perform(self) -> Outcome:
        if self._stage is None:
            self._stage = await self._open()
            self.pid = self._stage.pid
            self.house.changed()
            if self.why:
                self._stage.kill(self.grace)
        if not self._started:
            await self.house.reporter.started(self.job.unit, self.pid, clock.unix())
        return await self._conclude(self._stage, await self._watch(self._stage))

    async def _open(self) -> Stage:
        """Raises UnitFailed, OSError."""
        stages, session_id = self.house.stages, str(self.job.message.session_id)
        try:
            opening = await self._opening(session_id)
            return await stages.open(opening)
        except BaseException as error:
            stages.give_up(session_id, str(error) or "the daemon was stopped")
            if isinstance(error, DaemonError):
                raise UnitFailed(ErrorClass.SPAWN_FAILED, str(error)) from error
            raise

    async def _opening(self, session_id: str) -> Opening:
        where = await self.unless_stopped(place.prepare(self.job, self.house.settings))
        errand, variables = self.prepare()
        variables |= {**environment.TERMINAL, "CORRAL_SESSION_ID": session_id, "CORRAL_PROMPT": str(self.files.prompt)}
        if await asyncio.to_thread(shutil.which, errand.argv[0], path=variables.get("PATH")) is None:
            raise UnitFailed(errand.missing, f"{errand.argv[0]} is not on the PATH of this machine's daemon")
        adapter = self.house.adapters[self.job.run.agent or ""]
        if isinstance(adapter, Settling):
            variables |= await asyncio.to_thread(adapter.settle, variables, str(self.files.folder))
        said = str(self.files.folder / "said")
        program, *arguments = errand.argv
        hooks = adapter.hooks(said) if isinstance(adapter, Hooking) else ()
        token = self.job.message.token
        return Opening(
            session_id=session_id,
            agent=self.job.run.agent or "",
            argv=(program, *hooks, *arguments),
            directory=str(where.directory),
            environment=variables,
            secrets=(token,) if token else (),
            said=said,
            note=residence.note(self.job, clock.unix()),
        )

    async def _watch(self, stage: Stage) -> Exit:
        """Return how it ended, once its whole tree is gone."""
        timeout = self.job.run.timeout
        timer = None
        if timeout:
            late = UnitError(kind=ErrorClass.TIMEOUT, message=f"it ran longer than {timeout:g} s")
            left = max(0.0, self.begun + timeout - clock.steady())
            timer = asyncio.get_running_loop().call_later(left, self.stop, late, self.house.settings.grace)
        try:
            return await stage.end()
        finally:
            if timer:
                timer.cancel()

    async def _conclude(self, stage: Stage, how: Exit) -> Outcome:
        ended = replace(how, ordered=self.why is not None)
        result: Json = None
        unreadable: UnitError | None = None
        try:
            result = read_result(self.files.read_result())
        except UnitFailed as failure:
            unreadable = failure.error
        error = residence.judge(ended, self.why, result, await stage.last_lines(), unreadable)
        return Outcome(
            error=error,
            exit_code=ended.code,
            signal=ended.signal,
            result=result,
            duration=clock.steady() - self.begun,
        )


def keys_left(stages: Stages) -> set[tuple[str, int]]:
    """Return (task_id, epoch) of the units that an earlier daemon left in terminals."""
    found = (residence.read_note(stage.note) for stage in stages.left())
    return {resident.job.key for resident in found if resident is not None}


def taken_up(house: House, stage: Stage) -> TerminalLife | None:
    """Return the life of the unit that an earlier daemon gave this terminal to; None if its note cannot be read."""
    found = residence.read_note(stage.note)
    return None if found is None else TerminalLife(house, found.job, (), stage, found.begun)
