"""Watch the sessions of this machine: gather signals when something moves, judge, and say what has changed.

Implements ports.Attentions and pty.watching.Watcher. Whatever many sessions need at about the same time is seen in one
pass; a session in which nothing moves costs nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping

from corral_daemon import clock
from corral_daemon.agents.adapter import Adapter, ScreenText, Sign
from corral_daemon.attention import rhythm
from corral_daemon.attention.model import Verdict
from corral_daemon.attention.observe import Seen, front_of, modes, observe
from corral_daemon.attention.record import Record
from corral_daemon.errors import DaemonError
from corral_daemon.ports import Readiness
from corral_daemon.pty.screens import Look, Screens
from corral_daemon.pty.session import Session
from corral_daemon.pty.watching import Say
from corral_protocol.sessions import SessionAttention

log = logging.getLogger(__name__)

_TOGETHER = 0.15
"""Seconds by which a look may come early, so that it is made in the same pass as another."""
_LOOK_WITHIN = 5.0
_TWICE = 0.2
"""Seconds between the two looks that make sure that text can be pasted."""
_HANDS_OFF = 2.0
"""Seconds after a keystroke in which somebody's typing is not disturbed."""
Observe = Callable[[list[int]], Mapping[int, Seen]]


class Watch:
    def __init__(self, screens: Screens, adapters: Mapping[str, Adapter], sees: Observe = observe) -> None:
        self._screens = screens
        self._adapters = adapters
        self._observe = sees
        self._records: dict[str, Record] = {}
        self._due: dict[str, float] = {}
        self._say: Say | None = None
        self._listeners: list[Callable[[str], None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._passing: asyncio.Task[None] | None = None

    # -- what terminals tell (pty.watching.Watcher) -----------------------------------

    def open(self, session: Session) -> None:
        agent = self._adapters.get(str(session.note.get("agent")))
        record = Record(session, agent, clock.steady())
        self._records[session.id] = record
        if session.ended is not None:
            record.end(clock.steady())
            self._judge(record, clock.steady())
            return
        session.keyboard.used = lambda: self._typed(record)
        self._look_at(session.id, clock.steady() + rhythm.FIRST)

    def moved(self, session: Session) -> None:
        if (record := self._records.get(session.id)) is not None and session.ended is None:
            self._move(record, record.moves)

    def ended(self, session: Session) -> None:
        self._due.pop(session.id, None)
        if (record := self._records.get(session.id)) is not None:
            record.end(clock.steady())
            self._judge(record, clock.steady())

    def forget(self, session: Session) -> None:
        if (record := self._records.pop(session.id, None)) is not None:
            record.closed = True
        self._due.pop(session.id, None)
        session.keyboard.used = None

    def attach(self, say: Say) -> None:
        self._say = say
        for record in self._records.values():
            if record.verdict is not None and record.session.ended is None:
                say(_message(record, record.verdict))

    def detach(self) -> None:
        self._say = None

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._passing is not None:
            self._passing.cancel()
            await asyncio.gather(self._passing, return_exceptions=True)

    # -- what others ask (ports.Attentions) -------------------------------------------

    async def ready(self, session_id: str) -> Readiness:
        record = self._records.get(session_id)
        if record is None:
            return Readiness(ready=False, why="is not on this machine")
        first, before = await self._ready(record)
        if not first.ready:
            return first
        await asyncio.sleep(_TWICE)
        second, after = await self._ready(record)
        if second.ready and before != after:
            return Readiness(ready=False, why="is drawing its screen")
        return second

    def listen(self, changed: Callable[[str], None]) -> None:
        self._listeners.append(changed)

    async def _ready(self, record: Record) -> tuple[Readiness, ScreenText | None]:
        """Judge by one look; return also what was seen."""
        if record.adapter is None:
            return _not_ready("runs no agent whose interface can be read")
        if (hindrance := _hindrance(record)) is not None:
            return _not_ready(hindrance)
        look = await self._look(record.session.id)
        if look is None:
            return _not_ready("has a screen that nobody can read just now")
        if (hindrance := _hindrance(record)) is not None:  # it may have ended meanwhile
            return _not_ready(hindrance)
        seen = _text(look)
        sign = self._sign(record, seen)
        if sign is None:
            return _not_ready("shows nothing that its adapter knows")
        return Readiness(ready=sign.ready_for_text, why=sign.why, pastes=seen.pastes), seen

    @property
    def pending(self) -> bool:
        """Whether a look is due at any time, or under way."""
        return bool(self._due) or self._passing is not None

    # -- when -------------------------------------------------------------------------

    def _typed(self, record: Record) -> None:
        self._move(record, record.types)

    def _move(self, record: Record, note: Callable[[float], None]) -> None:
        """Something moves: note it, and see to it that it is looked at by and by."""
        now = clock.steady()
        note(now)
        due = self._due.get(record.session.id)
        if due is None or due > now + rhythm.APART:
            self._look_at(record.session.id, rhythm.due_moving(record.looked, now))

    def _look_at(self, session_id: str, due: float) -> None:
        self._due[session_id] = due
        self._arm()

    def _arm(self) -> None:
        """Set the timer to the next look, unless a pass is under way, which does it at its end."""
        if self._passing is not None or not self._due:
            return
        due = min(self._due.values())
        loop = asyncio.get_running_loop()
        after = loop.time() + max(0.0, due - clock.steady())
        if self._timer is None or self._timer.when() > after:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = loop.call_at(after, self._begin)

    def _begin(self) -> None:
        self._timer = None
        self._passing = asyncio.get_running_loop().create_task(self._pass())
        self._passing.add_done_callback(self._passed)

    def _passed(self, task: "asyncio.Task[None]") -> None:
        self._passing = None
        if task.cancelled():
            return
        if error := task.exception():
            log.error("event=attention_broke", exc_info=error)
        self._arm()

    # -- one pass ---------------------------------------------------------------------

    async def _pass(self) -> None:
        """Look at every session that is due now or very soon."""
        until = clock.steady() + _TOGETHER
        records = [self._records[one] for one, due in self._due.items() if due <= until]
        for record in records:
            del self._due[record.session.id]
            record.gather(clock.steady())
        try:
            seen, said = await asyncio.to_thread(self._perceive, records)
        except OSError as error:  # no descriptor left, say: what the screens show still counts
            log.warning("event=processes_unseen reason=%r", str(error))
            seen, said = {}, {}
        for record in records:
            self._sample(record, seen.get(record.session.pid))
            self._hear(record, said.get(record.session.id, ()))
        looks = await asyncio.gather(*(self._look(record.session.id) for record in records))
        for record, look in zip(records, looks, strict=True):
            if self._records.get(record.session.id) is record and record.session.ended is None:
                self._conclude(record, look)

    def _perceive(self, records: list[Record]) -> tuple[Mapping[int, Seen], Mapping[str, tuple[str, ...]]]:
        """What is read from files, in a thread."""
        said = {record.session.id: record.ear.hear() for record in records if record.ear is not None}
        return self._observe([record.session.pid for record in records]), said

    def _hear(self, record: Record, lines: tuple[str, ...]) -> None:
        try:
            record.hooked(clock.steady(), lines)
        except Exception:
            log.exception("event=hook_broke session_id=%s", record.session.id)

    def _sample(self, record: Record, seen: Seen | None) -> None:
        if seen is not None and self._records.get(record.session.id) is record and record.session.ended is None:
            canonical, echoes = modes(record.session.keyboard.fd)
            record.sample(clock.steady(), seen, canonical=canonical, echoes=echoes)

    def _conclude(self, record: Record, look: Look | None) -> None:
        now = clock.steady()
        if look is not None:
            text = _text(look)
            record.look(now, text, self._sign(record, text), look.bells, look.notice)
        record.looked = now
        self._judge(record, now)
        if record.session.id not in self._due and record.verdict is not None:
            due = rhythm.due_still(record.last_moved, now, record.verdict)
            if due is not None:
                self._due[record.session.id] = due

    def _sign(self, record: Record, text: ScreenText) -> Sign | None:
        try:
            return None if record.adapter is None else record.adapter.sign(text)
        except Exception:  # one adapter's mistake must not cost the others their judgement
            log.exception("event=sign_broke session_id=%s", record.session.id)
            return None

    async def _look(self, session_id: str) -> Look | None:
        try:
            async with asyncio.timeout(_LOOK_WITHIN):
                return await self._screens.look(session_id, None)
        except (OSError, DaemonError, TimeoutError) as error:
            log.warning("event=no_look session_id=%s reason=%r", session_id, str(error))
            return None

    def _judge(self, record: Record, now: float) -> None:
        if not record.judge(now) or record.verdict is None:
            return
        if self._say is not None:
            self._say(_message(record, record.verdict))
        for listener in self._listeners:
            listener(record.session.id)


def _not_ready(why: str) -> tuple[Readiness, None]:
    return Readiness(ready=False, why=why), None


def _hindrance(record: Record) -> str | None:
    """Why nothing may be pasted, whatever the screen shows."""
    session = record.session
    if session.ended is not None or record.closed:
        return "has ended"
    canonical, _ = modes(session.keyboard.fd)
    if canonical or front_of(session.keyboard.fd) != session.pid:
        return "has something else than its agent in front"
    if session.keyboard.busy or clock.steady() - record.last_typed < _HANDS_OFF:
        return "is being typed into"
    return None


def _text(look: Look) -> ScreenText:
    column, row = (*look.cursor, 0, 0)[:2]
    return ScreenText(
        lines=look.lines,
        cursor=(column, row),
        title=look.title or "",
        alternate=look.alternate,
        shown=look.shown,
        pastes=look.pastes,
    )


def _message(record: Record, verdict: Verdict) -> SessionAttention:
    """As of a byte of the output: where nothing is printed, a later daemon's `since` is no better than an earlier's."""
    evidence = verdict.evidence if isinstance(verdict.evidence, dict) else {}
    return SessionAttention(
        session_id=record.session.id,
        attention=verdict.attention,
        why=verdict.why,
        since=round(clock.unix() - (clock.steady() - verdict.since), 3),
        evidence={**evidence, "offset": record.session.ring.head},
    )
