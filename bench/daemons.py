"""Simulated daemons: they answer every hand-out at once, as commands. No sockets, no processes."""

import asyncio
from typing import Any
from uuid import UUID

from corral_hub.sessions.model import Session
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.reactor import Reactor
from corral_protocol import to_hub
from corral_protocol.outcome import Outcome
from corral_protocol.to_daemon import TaskAssigned, ToDaemon

OUTCOME = Outcome(exit_code=0, result={"ok": True}, duration=0.01)


class Daemons:
    """Takes the place of the links. `working`: report started and finished; else keep what was handed out."""

    def __init__(self) -> None:
        self.reactor: Reactor | None = None
        self.working = True
        self.handed = 0
        self.finished = 0
        self._sequences: dict[UUID, int] = {}
        self._goal: tuple[int, int] | None = None
        self._reached = asyncio.Event()
        self._failure: BaseException | None = None

    # No task here runs in a terminal: these stand in for the sessions in memory.

    def adopt(self, session: Session) -> None:
        raise AssertionError("nothing here asks for a session")

    def orphaned(self, session_id: UUID) -> None:
        raise AssertionError("nothing here has a session")

    def send(self, server_id: UUID, message: ToDaemon) -> None:
        if isinstance(message, TaskAssigned):
            self.handed += 1
            if self.working:
                self._work(server_id, message)
            self._check()

    def flush(self, server_id: UUID) -> None:
        """Nothing here goes through the outbox."""

    async def until(self, handed: int = 0, finished: int = 0) -> None:
        """Wait until so many were handed out and finished since the last `reset`. Raises what a report was answered."""
        self._goal = (handed, finished)
        self._reached.clear()
        self._check()
        await self._reached.wait()
        if self._failure is not None:
            raise self._failure

    def reset(self) -> None:
        self.handed = self.finished = 0

    def _work(self, server_id: UUID, order: TaskAssigned) -> None:
        unit: dict[str, Any] = {"task_id": order.task_id, "attempt": order.attempt, "epoch": order.epoch}
        self._report(server_id, to_hub.TaskStarted(seq=self._next(server_id), pid=4, **unit))
        done = self._report(server_id, to_hub.TaskFinished(seq=self._next(server_id), outcome=OUTCOME, **unit))
        done.add_done_callback(self._count)

    def _report(self, server_id: UUID, message: to_hub.Durable) -> asyncio.Future[Any]:
        assert self.reactor is not None
        return self.reactor.submit(cmd.Report(server_id=server_id, spool_id="bench", message=message))

    def _next(self, server_id: UUID) -> int:
        self._sequences[server_id] = self._sequences.get(server_id, 0) + 1
        return self._sequences[server_id]

    def _count(self, done: asyncio.Future[Any]) -> None:
        self._failure = self._failure or done.exception()
        self.finished += 1
        self._check()

    def _check(self) -> None:
        if self._failure or (self._goal and self.handed >= self._goal[0] and self.finished >= self._goal[1]):
            self._reached.set()
