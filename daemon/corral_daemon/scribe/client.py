"""The daemon's side of the scribe: start it, tell it of sessions, ask it what their screens show."""

import asyncio
import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from corral_daemon import clock
from corral_daemon.errors import ScribeFailed
from corral_daemon.recording.words import Closed, Ended, Record, Recorded, Room, Wanted
from corral_daemon.scribe.connection import Connection
from corral_daemon.scribe.kept import place
from corral_daemon.scribe.messages import (
    Answer,
    Draw,
    Drawn,
    Forget,
    Moved,
    News,
    NotOpen,
    Open,
    Read,
    Resize,
    Seen,
    ToScribe,
)

_NOTABLE = 1 << 16
"""Bytes of new output that are worth telling of where nothing is recorded."""
_TELL_EVERY = 0.05
_FRUITLESS = 3
"""Scribes that may end in a row without having answered anything, before we stop starting new ones by ourselves."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What makes a new terminal look like the session's as of byte `offset` of its output, without secrets.

    It is meant for a terminal in its first state: who shows it resets theirs before.
    """

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Look:
    """What can be read on the screen, or the last lines of output. `cursor`: column and line, from 0.

    `alternate`: a full-screen program has the screen. `shown`: the cursor can be seen. `pastes`: bracketed paste is on.
    `bells`: how often it rang and notified so far, `notice`: the last notification; some of a flood go unheard.
    """

    offset: int
    lines: tuple[str, ...]
    cols: int
    rows: int
    cursor: tuple[int, ...]
    title: str | None
    alternate: bool = False
    shown: bool = True
    pastes: bool = False
    bells: int = 0
    notice: str = ""


@dataclass(slots=True)
class _Opened:
    """`told`: up to where the scribe knows that there is output. `leaving`: forgotten, once all of it is recorded."""

    ring: int
    message: Open
    told: int = 0
    leaving: bool = False

    @property
    def notable(self) -> int:
        """Bytes of new output that are worth telling of: a recording has to know when they came."""
        return 1 if self.message.record and self.message.record.on else _NOTABLE


class Scribe:
    """Starts the process when it is needed, and again whenever it ends: what it knew is read from the rings anew."""

    def __init__(
        self,
        folder: Path | None = None,
        shelves: Path | None = None,
        hear: Callable[[News], None] = lambda news: None,
    ) -> None:
        """`folder`: where screens are kept for the next scribe, should the rings not reach back far enough.

        `shelves`: the folder for recordings; `hear` is called with what happens there.
        """
        self._folder = folder
        self._shelves = str(shelves) if shelves else None
        self._hear_news = hear
        self._room = Room(there=True)
        self._opened: dict[str, _Opened] = {}
        self._asked: dict[int, tuple[Draw | Read, asyncio.Future[Answer]]] = {}
        self._numbers = itertools.count(1)
        self._moved: set[str] = set()
        self._telling: asyncio.TimerHandle | None = None
        self._line: Connection | None = None
        self._fruitless = 0

    @property
    def pid(self) -> int | None:
        return self._line.pid if self._line else None

    async def open(
        self,
        session_id: str,
        ring_fd: int,
        cols: int,
        rows: int,
        secrets: tuple[str, ...],
        record: Wanted | None = None,
    ) -> None:
        """Keep the screen of a session from now on, and record it as `record` says. The descriptor is duplicated."""
        if opened := self._opened.pop(session_id, None):
            os.close(opened.ring)
        keep = str(place(self._folder, session_id)) if self._folder else None
        message = Open(
            session_id=session_id, cols=cols, rows=rows, secrets=secrets, keep=keep, shelves=self._shelves,
            record=record,
        )  # fmt: skip
        opened = self._opened[session_id] = _Opened(os.dup(ring_fd), message)
        if self._line is None:
            self._start()
        else:
            self._line.say(opened.message, [opened.ring])

    def resize(self, session_id: str, offset: int, cols: int, rows: int) -> None:
        """From byte `offset` on the window has another size."""
        if opened := self._opened.get(session_id):
            opened.message = replace(opened.message, cols=cols, rows=rows)
            self._tell(Resize(session_id=session_id, offset=offset, cols=cols, rows=rows))

    def moved(self, session_id: str, head: int) -> None:
        """There is output up to `head`. Cheap, and said only now and then."""
        opened = self._opened.get(session_id)
        if opened and head - opened.told >= opened.notable:
            opened.told = head
            self._moved.add(session_id)
            if self._telling is None:
                self._telling = asyncio.get_running_loop().call_later(_TELL_EVERY, self._tell_moved)

    async def snapshot(self, session_id: str) -> Snapshot:
        """Raises ScribeFailed."""
        answer = await self._ask(Draw(session_id=session_id, request=next(self._numbers)))
        if not isinstance(answer, Drawn):
            raise ScribeFailed(f"the scribe cannot read the output of session {session_id}")
        return Snapshot(answer.offset, answer.data.encode("utf-8", "surrogateescape"))

    async def look(self, session_id: str, lines: int | None) -> Look:
        """Return what is on the screen, or the last `lines` lines of output. Raises ScribeFailed."""
        seen = await self._ask(Read(session_id=session_id, request=next(self._numbers), lines=lines))
        if not isinstance(seen, Seen):
            raise ScribeFailed(f"the scribe cannot read the output of session {session_id}")
        return Look(
            seen.offset, seen.lines, seen.cols, seen.rows, seen.cursor, seen.title or None,
            seen.alternate, seen.shown, seen.pastes, seen.bells, seen.notice,
        )  # fmt: skip

    def record(self, session_id: str, *, on: bool, limit: int) -> None:
        """Record it from now on, or no longer."""
        opened = self._opened.get(session_id)
        known = opened.message.record if opened else None
        if opened and (on or known):
            began = known.began if known else clock.unix()
            wanted = Wanted(began=began, on=on, limit=limit, told=True)
            opened.message = replace(opened.message, record=wanted)
            self._tell(Record(session_id=session_id, wanted=wanted))

    def ended(self, session_id: str) -> None:
        """There will be no more output."""
        if session_id in self._opened:
            self._tell(Ended(session_id=session_id))

    def make_room(self, there: bool) -> None:
        """Say whether more may be recorded."""
        self._room = Room(there=there)
        self._tell(self._room)

    def forget(self, session_id: str) -> None:
        """The session is over. The ring of one that is recorded is let go of when the recording is complete."""
        opened = self._opened.get(session_id)
        if opened and opened.message.record and self._line:
            opened.leaving = True
            self._tell(Forget(session_id=session_id))
            return
        self._let_go(session_id)
        self._tell(Forget(session_id=session_id))

    def _let_go(self, session_id: str) -> None:
        if opened := self._opened.pop(session_id, None):
            os.close(opened.ring)
            self._hear_news(Closed(session_id=session_id))
        if self._folder:  # perhaps there is no scribe to do it
            place(self._folder, session_id).unlink(missing_ok=True)

    async def close(self) -> None:
        """End the process. Closing again does nothing."""
        for opened in self._opened.values():
            os.close(opened.ring)
        self._opened.clear()
        if self._telling:
            self._telling.cancel()
        if self._line:
            line, self._line = self._line, None
            await line.close()
        self._fail("the daemon is stopping")

    async def _ask(self, message: Draw | Read) -> Answer:
        if message.session_id not in self._opened:
            return NotOpen(request=message.request)
        answer = asyncio.get_running_loop().create_future()
        self._asked[message.request] = (message, answer)
        try:
            if self._line is None:
                self._start()
            else:
                self._line.say(message)
            return await answer
        finally:
            self._asked.pop(message.request, None)

    def _tell(self, message: ToScribe) -> None:
        if self._line:
            self._line.say(message)

    def _tell_moved(self) -> None:
        self._telling = None
        self._tell(Moved(session_ids=tuple(self._moved)))
        self._moved.clear()

    def _start(self) -> None:
        """Start a process and say all that the last one was told and had not answered."""
        if self._folder:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._line = Connection(self._hear, self._mourn)
        self._line.say(self._room)
        for session_id, opened in self._opened.items():
            self._line.say(opened.message, [opened.ring])
            if opened.leaving:
                self._line.say(Forget(session_id=session_id))
        for message, _ in self._asked.values():
            self._line.say(message)

    def _hear(self, answer: Answer | News) -> None:
        self._fruitless = 0
        if isinstance(answer, Recorded):
            self._hear_news(answer)
            return
        if isinstance(answer, Closed):
            self._let_go(answer.session_id)
            return
        _, future = self._asked.get(answer.request, (None, None))
        if future and not future.done():
            future.set_result(answer)

    def _mourn(self) -> None:
        """It ended without us."""
        self._line = None
        self._fruitless += 1
        if self._fruitless < _FRUITLESS:
            self._start()
        else:
            for session_id in [id for id, opened in self._opened.items() if opened.leaving]:
                self._let_go(session_id)
            self._fail("the scribe process ends whenever it is started")

    def _fail(self, reason: str) -> None:
        for _, future in self._asked.values():
            if not future.done():
                future.set_exception(ScribeFailed(reason))
