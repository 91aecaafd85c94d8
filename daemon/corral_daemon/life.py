"""The life of one unit, from `accepted` to its last report. Where its processes run is a matter of its kind."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from corral_daemon import clock
from corral_daemon.errors import DaemonError
from corral_daemon.ports import Reporter, RunnerSettings, Stages
from corral_daemon.processes.client import Keeper
from corral_daemon.units import environment, errands
from corral_daemon.units.errands import Adapters, Errand, Folders
from corral_daemon.units.files import Files
from corral_daemon.units.job import Job
from corral_daemon.units.outcome import UnitFailed, plan_of
from corral_daemon.units.outcome import system_error as class_of
from corral_protocol.outcome import Outcome, UnitError
from corral_protocol.vocabulary import ErrorClass, Phase

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every unit of this daemon shares. `own`: the daemon's environment, of which units inherit a part."""

    reporter: Reporter
    settings: RunnerSettings
    adapters: Adapters
    keeper: Keeper
    stages: Stages
    own: Mapping[str, str]
    shell: str
    changed: Callable[[], None]
    """What runs where has changed."""


class Life:
    """`after` must have ended before this one begins: an older epoch of the same task.

    `perform` and `end_processes` are its kind's.
    """

    def __init__(self, house: House, job: Job, after: "tuple[Life, ...]") -> None:
        self.job = job
        self.ended = asyncio.Event()
        self.pid: int | None = None
        self.house = house
        self.files = Files(house.settings.state_dir / "units" / f"{job.name}-{job.message.epoch}")
        self.begun = clock.steady()
        self.why: UnitError | None = None
        self.grace = house.settings.grace
        self._after = after
        self._stopped = asyncio.Event()
        self._later: asyncio.TimerHandle | None = None

    @property
    def folder(self) -> str:
        """The name of its own folder below `units` and `scratch`."""
        return self.files.folder.name

    @property
    def outlives(self) -> bool:
        """Whether its processes go on when this daemon ends."""
        return False

    def stop(self, why: UnitError, grace: float, *, quiet: bool = False) -> None:
        """Begin to end the unit. The first reason stays, a later call may only hasten it. `quiet`: no more output."""
        self.why = self.why or why
        self.grace = min(self.grace, grace) if self._stopped.is_set() else grace
        self._stopped.set()
        self.end_processes(self.grace)

    def stop_later(self, seconds: float, why: UnitError, grace: float) -> None:
        """Begin to end the unit in so many seconds, if it has not ended by itself."""
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(seconds, self.stop, why, grace)

    async def run(self) -> None:
        try:
            outcome = await self._attempt()
            await self._report(outcome)
            self.reported()
        except DaemonError as error:
            log.error("event=unit_not_reported task_id=%s reason=%r", self.job.message.task_id, str(error))
        finally:
            if self._later is not None:
                self._later.cancel()
            self.ended.set()

    # -- what its kind does ---------------------------------------------------------

    async def perform(self) -> Outcome:
        """Do the work. Raises UnitFailed, OSError, DaemonError."""
        raise NotImplementedError

    def end_processes(self, grace: float) -> None:
        """Ask for the end of whatever runs now: TERM, then KILL after `grace` seconds."""
        raise NotImplementedError

    def reported(self) -> None:
        """Its end is written down."""

    # -- what the kinds share -------------------------------------------------------

    async def unless_stopped(self, work: Awaitable[T]) -> T:
        """Raises UnitFailed with the reason if the unit is stopped meanwhile."""
        doing = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._stopped.wait())
        await asyncio.wait([doing, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if self.why is None:
            return await doing
        doing.cancel()
        await asyncio.wait([doing])
        raise UnitFailed(self.why.kind, self.why.message)

    def prepare(self) -> tuple[Errand, dict[str, str]]:
        """Write what the unit must know; return what is started, and its environment. Raises UnitFailed, OSError."""
        house, job = self.house, self.job
        paths = self.files.write(job)
        folders = Folders(prompt=str(self.files.prompt), files=str(self.files.folder))
        prompt = errands.prompt_of(job) if job.run.kind in errands.PROMPTED else ""
        errand = errands.ERRANDS[job.run.kind](job, house.adapters, prompt, folders, house.shell)
        if prompt:
            self.files.write_prompt(prompt)
        return errand, {
            **environment.inherited(house.own, errand.passes),
            **errand.environment,
            **job.run.env,
            **environment.of_unit(job.message, house.settings.hub_url, paths),
        }

    async def _report(self, outcome: Outcome) -> None:
        reporter, unit = self.house.reporter, self.job.unit
        if outcome.error is None and self.ends_with_plan:
            await reporter.planned(unit, plan_of(outcome.result))
        else:
            await reporter.finished(unit, outcome)

    @property
    def ends_with_plan(self) -> bool:
        return self.job.unit.phase is Phase.PLAN

    async def _attempt(self) -> Outcome:
        for older in self._after:
            await older.ended.wait()
        try:
            return await self.perform()
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
        return Outcome(error=error, duration=clock.steady() - self.begun)
