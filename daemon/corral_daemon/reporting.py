"""The runner's reporter: every report becomes a record of the spool and, in the same transaction, a journal change."""

import asyncio
import base64
import logging
from collections.abc import Callable, Container, Iterable

from corral_daemon import journal
from corral_daemon.ports import Event, KillCookie, Unit
from corral_daemon.spool.spool import Spool
from corral_daemon.storable import problem_of, readable, storable, unreadable
from corral_protocol.codec import Json
from corral_protocol.outcome import Outcome, UnitError
from corral_protocol.to_daemon import TaskAssigned
from corral_protocol.to_hub import Durable, TaskDeclined, TaskFinished, TaskOutput, TaskPlan, TaskStarted
from corral_protocol.vocabulary import ErrorClass, Stream

log = logging.getLogger(__name__)

MAX_CHUNK = 256 << 10
_STOPPED = "the daemon that ran this unit ended; its processes were stopped"
_OUT_OF_REACH = "the daemon that ran this unit ended, and its terminal is out of reach for this one"
UNNUMBERED = 0
"""The spool gives the number when it writes the record."""


class SpoolReporter:
    """Implements ports.Reporter. `has_ended` knows the units of earlier daemons too, as many as the journal keeps.

    `ended`: (task_id, epoch) of those, oldest first. `started`: of those that an earlier daemon left running.
    """

    def __init__(
        self,
        spool: Spool,
        now: Callable[[], float],
        ended: Iterable[tuple[str, int]] = (),
        started: Iterable[tuple[str, int]] = (),
    ) -> None:
        self._spool = spool
        self._now = now
        self._ended = dict.fromkeys(ended)
        self._started = frozenset(started)
        self.first_accepted = asyncio.Event()

    def has_ended(self, task_id: str, epoch: int) -> bool:
        return (task_id, epoch) in self._ended

    def has_started(self, task_id: str, epoch: int) -> bool:
        return (task_id, epoch) in self._started and not self.has_ended(task_id, epoch)

    async def accepted(self, assigned: TaskAssigned, cookie: str) -> None:
        self.first_accepted.set()
        unit = Unit(task_id=assigned.task_id, attempt=assigned.attempt, epoch=assigned.epoch, phase=assigned.phase)
        self._spool.put(None, journal.Accepted(unit, cookie, self._now()))

    async def started(self, unit: Unit, pid: int | None, at: float) -> None:
        started = TaskStarted(
            seq=UNNUMBERED, task_id=unit.task_id, attempt=unit.attempt, epoch=unit.epoch, pid=pid, at=at
        )
        self._spool.put(started, journal.Started(unit, pid))

    @property
    def room(self) -> Event:
        return self._spool.room

    async def output(self, unit: Unit, stream: Stream, offset: int, data: bytes) -> None:
        for start in range(0, len(data), MAX_CHUNK):
            await self._spool.append(
                TaskOutput(
                    seq=UNNUMBERED,
                    task_id=unit.task_id,
                    attempt=unit.attempt,
                    epoch=unit.epoch,
                    stream=stream,
                    offset=offset + start,
                    data=base64.b64encode(data[start : start + MAX_CHUNK]).decode("ascii"),
                )
            )

    async def planned(self, unit: Unit, plan: Json) -> None:
        problem = problem_of(plan)
        if problem is not None:
            return await self.finished(unit, Outcome(error=unreadable("plan", problem)))
        message = TaskPlan(seq=UNNUMBERED, task_id=unit.task_id, attempt=unit.attempt, epoch=unit.epoch, plan=plan)
        return await self._end(unit, message)

    async def finished(self, unit: Unit, outcome: Outcome) -> None:
        await self._end(unit, finished(unit, storable(outcome)))

    async def declined(self, unit: Unit, code: str, detail: str) -> None:
        await self._end(
            unit,
            TaskDeclined(
                seq=UNNUMBERED,
                task_id=unit.task_id,
                attempt=unit.attempt,
                epoch=unit.epoch,
                code=code,
                detail=readable(detail),
            ),
        )

    async def _end(self, unit: Unit, message: Durable) -> None:
        self._ended[unit.task_id, unit.epoch] = None
        if len(self._ended) > journal.ENDED_KEPT:
            del self._ended[next(iter(self._ended))]
        await self._spool.append(message, journal.Ended(unit, self._now()))


def finished(unit: Unit, outcome: Outcome) -> TaskFinished:
    return TaskFinished(
        seq=UNNUMBERED,
        task_id=unit.task_id,
        attempt=unit.attempt,
        epoch=unit.epoch,
        outcome=outcome,
        phase=unit.phase,
    )


async def settle_leftovers(
    spool: Spool,
    kill_cookie: KillCookie,
    grace: float,
    now: Callable[[], float],
    running: Container[tuple[str, int]] = (),
) -> int:
    """End the units a dead daemon left open: kill what is left of their trees, then say so. Returns how many.

    But not those that are `running`, in terminals that outlived it.
    """
    every = await spool.open_units()
    leftovers = [left for left in every if (left.unit.task_id, left.unit.epoch) not in running]
    for left in leftovers:
        killed = await kill_cookie(left.cookie, grace) if left.cookie else 0
        log.warning("event=unit_orphaned task_id=%s epoch=%d killed=%d", left.unit.task_id, left.unit.epoch, killed)
        outcome = Outcome(
            error=UnitError(
                kind=ErrorClass.DAEMON_RESTARTED,
                message=_STOPPED if left.cookie else _OUT_OF_REACH,
            ),
            duration=max(0.0, now() - left.accepted_at),
        )
        await spool.append(finished(left.unit, outcome), journal.Ended(left.unit, now()))
    return len(leftovers)
