"""The one thread that touches the spool's file: all that was asked since the last look goes into one transaction."""

import asyncio
import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from corral_daemon import clock, journal
from corral_daemon.errors import SpoolClosed
from corral_daemon.spool.file import SpoolFile, is_damage
from corral_daemon.spool.model import Record
from corral_daemon.spool.reserve import Reserve

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
BATCH = 512
BATCH_LENGTH = 2 << 20
"""Bounds of one transaction. The log grows by it beyond what SQLite lets it, and must stay below the reserve."""
LOOK_EVERY = 1.0
HINT = "free space on the disk of the state directory; nothing is lost, output waits until there is room"


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """One thing to make permanent: a record, journal changes, or both. `done` belongs to the event loop."""

    body: str | None
    changes: tuple[journal.Change, ...] = ()
    durable: bool = False
    done: asyncio.Future[int] | None = None


@dataclass(slots=True)
class Forget:
    """Records nobody needs any more: all up to `upto`, and the `single` ones."""

    upto: int = 0
    single: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.upto or self.single)

    def merge(self, other: "Forget") -> None:
        self.upto = max(self.upto, other.upto)
        self.single.extend(other.single)


@dataclass(frozen=True, slots=True)
class Committed:
    """What one transaction made permanent. `size` is the length of all bodies that are left.

    `roomy`: the disk has room for output. Where it has not, what is left of it is for outcomes.
    """

    records: tuple[Record, ...]
    writes: tuple[tuple[Write, int], ...]
    size: int
    roomy: bool


Question = tuple[Callable[[SpoolFile], Any], Future[Any]]


class Writer:
    """`deliver` is called in this thread after each commit, `fail` once with the writes that were given up."""

    def __init__(
        self,
        file: SpoolFile,
        reserve: Reserve,
        deliver: Callable[[Committed], None],
        fail: Callable[[list[Write], BaseException], None],
    ) -> None:
        self._file = file
        self._reserve = reserve
        self._deliver = deliver
        self._fail = fail
        self._wake = threading.Condition()
        self._writes: deque[Write] = deque()
        self._questions: deque[Question] = deque()
        self._forget = Forget()
        self._closing = False
        self._pause = 0.0  # above 0 while the disk refuses
        self._retry_at = 0.0
        self._roomy: bool | None = None  # nobody has looked yet
        self._look_at = 0.0
        self._thread = threading.Thread(target=self._run, name="spool-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def write(self, write: Write) -> None:
        with self._wake:
            self._refuse_when_closing()
            self._writes.append(write)
            self._wake.notify()

    def ask(self, question: Callable[[SpoolFile], Any]) -> Future[Any]:
        answer: Future[Any] = Future()
        with self._wake:
            self._refuse_when_closing()
            self._questions.append((question, answer))
            self._wake.notify()
        return answer

    def forget(self, what: Forget) -> None:
        with self._wake:
            self._forget.merge(what)
            self._wake.notify()

    def close(self) -> None:
        """Write what is queued if the disk takes it, close the file, end the thread. Blocks."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _refuse_when_closing(self) -> None:
        if self._closing:
            raise SpoolClosed("the spool is closed")

    def _run(self) -> None:
        problem: BaseException = SpoolClosed("the spool is closed")
        try:
            while self._turn():
                pass
        except sqlite3.DatabaseError as error:
            log.error("event=spool_broken reason=%r hint=%r", str(error), "restart the daemon; it repairs the spool")
            problem = error
        finally:
            self._end(problem)

    def _turn(self) -> bool:
        """Serve what was asked; return False when the thread may end."""
        with self._wake:
            self._wake.wait_for(self._has_work, timeout=self._patience())
            may_write = self._closing or self._is_due()
            forget, writes = self._take() if may_write else (Forget(), [])
            asked = len(self._questions)  # those that come later ask about later writes
        stored = self._store(forget, writes)
        if self._is_to_look():
            self._look_for_room()
        for _ in range(asked):
            _answer(self._file, self._questions.popleft())
        with self._wake:
            done = not self._writes and not self._forget
            return not (self._closing and (done or not stored))

    def _is_due(self) -> bool:
        return not self._pause or clock.steady() >= self._retry_at

    def _has_work(self) -> bool:
        wants_disk = bool(self._writes) or bool(self._forget)
        return self._closing or bool(self._questions) or (wants_disk and self._is_due()) or self._is_to_look()

    def _patience(self) -> float | None:
        if self._pause:
            return max(0.0, self._retry_at - clock.steady())
        return None if self._roomy else max(0.0, self._look_at - clock.steady())

    def _is_to_look(self) -> bool:
        return not self._roomy and not self._pause and clock.steady() >= self._look_at

    def _take(self) -> tuple[Forget, list[Write]]:
        forget, self._forget = self._forget, Forget()
        # After a refusal one at a time: a small record may fit where a batch does not.
        most, length, writes = 1 if self._pause else BATCH, 0, list[Write]()
        while self._writes and len(writes) < most and length < BATCH_LENGTH:
            length += len(self._writes[0].body or "")
            writes.append(self._writes.popleft())
        return forget, writes

    def _store(self, forget: Forget, writes: list[Write]) -> bool:
        if not forget and not writes:
            return True
        try:
            if self._pause:
                self._file.make_room()
            committed = self._commit(forget, writes)
        except (sqlite3.DatabaseError, OSError) as error:
            self._put_back(forget, writes)
            if not isinstance(error, (sqlite3.OperationalError, OSError)) or is_damage(error):
                raise
            self._wait_for_the_disk(error)
            return False
        if self._pause:
            log.warning("event=spool_writable_again")
            self._pause = 0.0
        self._deliver(committed)
        return True

    def _commit(self, forget: Forget, writes: list[Write]) -> Committed:
        file = self._file
        bodies = sum(write.body is not None for write in writes)
        if bodies:
            file.reserve(bodies)
        records: list[Record] = []
        numbered: list[tuple[Write, int]] = []
        with file.transaction(durable=any(write.durable for write in writes)) as connection:
            if forget:
                file.delete(forget.upto, forget.single)
            for write in writes:
                if write.body is not None:
                    records.append(file.insert(write.body))
                for change in write.changes:
                    journal.apply(connection, change)
                numbered.append((write, file.last_seq))
        return Committed(tuple(records), tuple(numbered), file.size, self._check())

    def _put_back(self, forget: Forget, writes: list[Write]) -> None:
        with self._wake:
            self._forget.merge(forget)
            self._writes.extendleft(reversed(writes))

    def _wait_for_the_disk(self, error: Exception) -> None:
        if not self._pause:
            log.error("event=spool_not_writable reason=%r path=%s hint=%r", str(error), self._file.path, HINT)
            self._reserve.give()
        self._pause = min(LONGEST_PAUSE, self._pause * 2 or FIRST_PAUSE)
        self._retry_at = clock.steady() + self._pause

    def _check(self) -> bool:
        was, roomy = self._roomy, self._reserve.check()
        self._roomy = roomy
        if not roomy and was is not False:
            log.warning("event=disk_nearly_full path=%s hint=%r", self._file.path, HINT)
        self._look_at = clock.steady() + LOOK_EVERY
        return roomy

    def _look_for_room(self) -> None:
        try:
            if not self._file.size:  # with records in it, it would cost what there is not
                self._file.shrink()
        except sqlite3.OperationalError as error:
            self._wait_for_the_disk(error)
        if self._check():
            self._deliver(Committed((), (), self._file.size, True))

    def _end(self, problem: BaseException) -> None:
        with self._wake:
            self._closing = True
            lost, self._writes = list(self._writes), deque()
            questions, self._questions = self._questions, deque()
        for _, answer in questions:
            answer.set_exception(problem)
        self._fail(lost, problem)
        try:
            self._file.close()
        except (sqlite3.Error, OSError) as error:
            log.warning("event=spool_close_failed reason=%r", str(error))


def _answer(file: SpoolFile, question: Question) -> None:
    ask, answer = question
    try:
        answer.set_result(ask(file))
    except (sqlite3.Error, OSError) as error:
        answer.set_exception(error)
