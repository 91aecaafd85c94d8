"""What people say to agents in terminals: pasted when the agent's interface takes text, or left in the inbox.

The inbox is the hub's: whatever is said of a task stands there already, for `corral task check`. So nothing is lost by
not pasting. Pasting twice would be worse: that a paste begins is on the disk before the first byte of it is typed, and
what was begun is not tried again.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from corral_daemon import clock
from corral_daemon.agents.adapter import Adapter, Attentive
from corral_daemon.ports import Attentions
from corral_daemon.pty import launch
from corral_daemon.pty.pasted import Record
from corral_daemon.pty.session import Session
from corral_daemon.pty.sessions import Sessions
from corral_daemon.units import letters
from corral_daemon.units.letters import Fate
from corral_protocol.to_daemon import Delivery

log = logging.getLogger(__name__)

Received = Callable[[int], None]
_AGAIN = 3.0
"""Seconds between two tries while something waits."""
_SHOWN_WITHIN = 3.0
_QUIET = 0.15
"""Seconds without output after which a paste counts as shown."""
_LOOK_EVERY = 0.03


@dataclass(frozen=True, slots=True)
class Letter:
    delivery: int
    text: str
    received: Received


class SessionMail:
    """Implements ports.Mail. One task for each session that has letters, none for the others."""

    def __init__(
        self, sessions: Sessions, attentions: Attentions, adapters: Mapping[str, Adapter], state: Path
    ) -> None:
        self._sessions = sessions
        self._attentions = attentions
        self._adapters = adapters
        self._state = state
        self._waiting: dict[str, dict[int, Letter]] = {}
        self._bells: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        attentions.listen(self._ring)
        sessions.released = self._ring

    def take(self, message: Delivery, received: Received) -> None:
        """Never waits."""
        session_id, delivery = message.session_id, message.delivery
        if delivery is None:
            return
        if session_id is None or letters.is_own(message) or not self._sessions.knows(session_id):
            received(delivery)
            return
        begin = session_id not in self._waiting
        self._waiting.setdefault(session_id, {})[delivery] = Letter(delivery, letters.wording(message), received)
        self._bells.setdefault(session_id, asyncio.Event()).set()
        if begin:
            task = asyncio.create_task(self._serve(session_id))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    async def close(self) -> None:
        """What was not received is sent again to the next daemon."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ring(self, session_id: str) -> None:
        if bell := self._bells.get(session_id):
            bell.set()

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("event=mail_broke", exc_info=error)

    async def _serve(self, session_id: str) -> None:
        """Until nothing waits for this session: look whenever something may have changed."""
        bell = self._bells[session_id]
        end: asyncio.Task[bool] | None = None
        try:
            while self._waiting[session_id]:
                with suppress(TimeoutError):  # what keeps it from taking text may pass without a word
                    await asyncio.wait_for(bell.wait(), _AGAIN)
                bell.clear()
                session = self._sessions.holder.sessions.get(session_id)
                if session is not None and end is None:
                    end = asyncio.create_task(session.gone.wait())
                    end.add_done_callback(lambda _: bell.set())
                if session is not None or not self._sessions.knows(session_id):  # else it is being started
                    try:
                        await self._look(session_id, session)
                    except OSError as error:  # what cannot be written down is not pasted
                        log.error("event=mail_waits session_id=%s reason=%r", session_id, str(error))
        finally:
            if end is not None:
                end.cancel()
            del self._waiting[session_id], self._bells[session_id]

    async def _look(self, session_id: str, session: Session | None) -> None:
        waiting = self._waiting[session_id]
        record = await asyncio.to_thread(Record.read, launch.folder(self._state, session_id))
        there = session is not None and session.ended is None
        attentive = session is not None and self._is_attentive(session)
        for letter in tuple(waiting.values()):
            tried = letter.delivery in record.tried
            if letters.fate(there=there, attentive=attentive, tried=tried, readiness=None) is Fate.INBOX:
                self._settle(waiting, letter)
        if waiting and session is not None:
            await self._try(session, record, waiting)

    async def _try(self, session: Session, record: Record, waiting: dict[int, Letter]) -> None:
        """Paste everything that waits, as one text."""
        if not (await self._attentions.ready(session.id)).ready:
            return
        chosen = tuple(waiting.values())
        ids = tuple(letter.delivery for letter in chosen)
        await asyncio.to_thread(record.begin, ids)
        readiness = await self._attentions.ready(session.id)
        there = session.ended is None
        if letters.fate(there=there, attentive=True, tried=False, readiness=readiness) is not Fate.PASTE:
            await asyncio.to_thread(record.put_off, ids)
            return
        typed = await _paste(session, "\n\n".join(letter.text for letter in chosen))
        log.info("event=pasted session_id=%s deliveries=%s taken=%s", session.id, ids, typed)
        await asyncio.to_thread(record.done if typed else record.put_off, ids)
        if typed:
            for letter in chosen:
                self._settle(waiting, letter)

    def _settle(self, waiting: dict[int, Letter], letter: Letter) -> None:
        del waiting[letter.delivery]
        letter.received(letter.delivery)

    def _is_attentive(self, session: Session) -> bool:
        return isinstance(self._adapters.get(session.note.get("agent") or ""), Attentive)


async def _paste(session: Session, text: str) -> bool:
    """Paste and press Enter; return whether the program had room for it.

    Interfaces that collect a paste before they show it take an Enter that comes with it for a part of it.
    """
    head = session.ring.head
    if not session.keyboard.type(letters.pasted(text)):
        return False
    shown_at: float | None = None
    deadline = clock.steady() + _SHOWN_WITHIN
    while session.ended is None and clock.steady() < deadline:
        if session.ring.head != head:
            head, shown_at = session.ring.head, clock.steady()
        elif shown_at is not None and clock.steady() - shown_at >= _QUIET:
            break
        await asyncio.sleep(_LOOK_EVERY)
    if session.ended is None and not session.keyboard.type(letters.ENTER):
        log.warning("event=enter_refused session_id=%s", session.id)
    return True
