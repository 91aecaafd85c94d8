"""The terminal sessions of this machine, as the hub asks for them. Implements ports.Terminals."""

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from corral_daemon.errors import DaemonError, HolderUnusable, SessionFailed
from corral_daemon.ports import Line
from corral_daemon.pty import launch, news
from corral_daemon.pty.client import Holder, Launch
from corral_daemon.pty.errands import Errands
from corral_daemon.pty.launch import Means
from corral_daemon.pty.relay import Relay
from corral_daemon.pty.screens import Screens, open_screen
from corral_daemon.pty.session import Session
from corral_daemon.pty.watching import Nobody, Say, Watcher
from corral_daemon.recording.shipper import Shipper
from corral_protocol.codec import Malformed
from corral_protocol.recordings import RecordingTaken, SessionRecord
from corral_protocol.sessions import (
    SessionClose,
    SessionForget,
    SessionInput,
    SessionKill,
    SessionLook,
    SessionResize,
    SessionsHeld,
    SessionSnapshot,
    SessionStart,
    SessionUnwatch,
    SessionWatch,
)
from corral_protocol.to_daemon import OfSession
from corral_protocol.to_hub import ToHub

log = logging.getLogger(__name__)

_LOOK_WITHIN = 5.0


class Sessions:
    """Must be opened before it is used. What is said while nobody listens need not be: `attach` says it all again."""

    def __init__(
        self, means: Means, ring_bytes: int, screens: Screens, recordings: Shipper, watcher: Watcher | None = None
    ) -> None:
        self._means = means
        self._recordings = recordings
        self.screens = self._screens = screens
        self._watcher = watcher or Nobody()
        self.holder = self._holder = Holder(means.settings.state_dir, ring_bytes, means.settings.grace, self)
        self._relay = Relay(self._holder.hold, screens)
        self._starting: dict[str, list[OfSession]] = {}
        self._errands = Errands()
        self._say: Say | None = None
        self.released: Callable[[str], None] = lambda session_id: None
        """Called when what was to be started has been, or was given up."""

    async def open(self) -> None:
        """Find the sessions that an earlier daemon started."""
        try:
            if await self._holder.find():
                log.info("event=sessions_found count=%d", len(self._holder.sessions))
        except HolderUnusable as error:
            log.error("event=holder_unusable code=%s reason=%r hint=%r", error.code, str(error), error.hint)
        await self._recordings.open(self._holder.sessions)
        for session in tuple(self._holder.sessions.values()):
            await self._open_screen(session)

    def attach(self, say: Say) -> SessionsHeld:
        """Say by `say` what happens from now on; return what is so far."""
        self._say = say
        return SessionsHeld(sessions=tuple(news.held(session) for session in self._holder.sessions.values()))

    def directory(self, session_id: str) -> str | None:
        """Return where the session began; None if it is not here."""
        return session.note.get("directory") if (session := self._holder.sessions.get(session_id)) else None

    async def serve(self, line: Line) -> None:
        """Send output until cancelled."""
        self._watcher.attach(self._tell)
        try:
            await self._relay.serve(line)
        finally:
            self._watcher.detach()
            self._say = None

    async def ship(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Send recordings until cancelled."""
        await self._recordings.ship(send)

    def hear(self, message: OfSession) -> None:
        """Act on a message from the hub; never waits. One about a session that is being started waits for that."""
        if message.session_id in self._starting and not isinstance(message, SessionStart):
            self._starting[message.session_id].append(message)
            return
        _ORDERS[type(message)](self, message)

    def take(self, frame: bytes) -> None:
        """Act on a binary frame from the hub; never waits."""
        try:
            deaf = self._relay.take(frame)
        except Malformed as error:
            log.warning("event=frame_unusable reason=%r length=%d", str(error), len(frame))
            return
        if deaf is not None:
            self._complain(deaf.id, news.deaf())

    async def close(self) -> None:
        """Leave. The holder and the sessions go on."""
        await self._errands.cancel()
        await self._watcher.close()
        self._relay.close()
        self._holder.close()
        await self._screens.close()

    # -- what the hub asks ----------------------------------------------------------

    def on_start(self, message: SessionStart) -> None:
        if message.session_id not in self._starting:
            self._starting[message.session_id] = []
            self._errands.begin(self._start(message))

    def on_resize(self, message: SessionResize) -> None:
        if session := self._find(message.session_id):
            cols, rows = max(1, message.cols), max(1, message.rows)
            self._holder.resize(session, cols, rows)
            self._screens.resize(session.id, session.ring.head, cols, rows)

    def on_input(self, message: SessionInput) -> None:
        """From somebody who types without watching, so that there is no channel."""
        if session := self._find(message.session_id):
            try:
                typed = base64.b64decode(message.data, validate=True)
            except ValueError as error:
                what = f"what was typed is no base64: {error}"
                self._complain(session.id, SessionFailed(what, "encode it by RFC 4648", "input_invalid"))
                return
            if not session.keyboard.type(typed):
                self._complain(session.id, news.deaf())

    def on_close(self, message: SessionClose) -> None:
        if session := self._find(message.session_id):
            self._end(session, message.grace)

    def on_kill(self, message: SessionKill) -> None:
        if session := self._find(message.session_id):
            self._end(session, 0.0)

    def on_forget(self, message: SessionForget) -> None:
        session = self._holder.sessions.get(message.session_id)
        if session is not None and session.wanted and session.ended is not None:
            session.forgotten = True
        elif session is not None:
            self._relay.forget(session.id)
            self._watcher.forget(session)
            self._screens.forget(session.id)
            self._holder.forget(session)
            self._errands.begin(launch.clear(self._means.settings.state_dir, session.id, session.note))

    def on_watch(self, message: SessionWatch) -> None:
        if session := self._find(message.session_id):
            self._relay.watch(session, message.channel, message.offset)

    def on_unwatch(self, message: SessionUnwatch) -> None:
        self._relay.unwatch(message.session_id, message.channel)

    def on_snapshot(self, message: SessionSnapshot) -> None:
        if session := self._find(message.session_id):
            self._relay.draw(session, message.channel)

    def on_look(self, message: SessionLook) -> None:
        if session := self._find(message.session_id, message.request_id):
            self._errands.begin(self._look(session, message))

    def on_record(self, message: SessionRecord) -> None:
        if session := self._find(message.session_id):
            self._screens.record(session.id, on=message.on, limit=message.limit)

    def on_taken(self, message: RecordingTaken) -> None:
        self._recordings.taken(message)

    # -- what happens ---------------------------------------------------------------

    def moved(self, session: Session) -> None:
        self._relay.moved(session)
        self._watcher.moved(session)

    def ended(self, session: Session) -> None:
        log.info("event=session_ended session_id=%s how=%s", session.id, session.ended)
        self._watcher.ended(session)
        self._screens.ended(session.id)
        if session.id not in self._starting:  # or both is said there, in that order
            self._tell(news.closed(session))

    # -- how ------------------------------------------------------------------------

    async def _start(self, message: SessionStart) -> None:
        try:
            await self.begin(message.session_id, lambda: launch.prepare(message, self._means))
        except DaemonError as error:
            self.give_up(message.session_id, error)
        except OSError as error:
            self.give_up(message.session_id, SessionFailed(f"it could not be prepared: {error}"))
        except BaseException:
            self._starting.pop(message.session_id, None)
            raise

    def expect(self, session_id: str) -> None:
        """Keep what the hub says about this session until it has begun, or is given up."""
        if session_id not in self._holder.sessions:
            self._starting.setdefault(session_id, [])

    async def begin(self, session_id: str, prepare: Callable[[], Awaitable[Launch]]) -> Session:
        """Start what was expected, unless it is there already, and say so. Raises DaemonError, OSError."""
        session = self._holder.sessions.get(session_id) or await self._launch(session_id, await prepare())
        self._tell(news.started(session))
        if session.ended:
            self._tell(news.closed(session))
        self._release(session_id)
        return session

    def give_up(self, session_id: str, error: DaemonError) -> None:
        self._complain(session_id, error)
        self._release(session_id)

    def knows(self, session_id: str) -> bool:
        """Whether it is here, or is being started."""
        return session_id in self._holder.sessions or session_id in self._starting

    def _release(self, session_id: str) -> None:
        for later in self._starting.pop(session_id, ()):
            self.hear(later)
        self.released(session_id)

    async def _launch(self, session_id: str, prepared: Launch) -> Session:
        """Raises DaemonError."""
        session = await self._holder.start(session_id, prepared)
        log.info("event=session_started session_id=%s pid=%d program=%s", session.id, session.pid, prepared.argv[0])
        await self._open_screen(session)
        return session

    async def _open_screen(self, session: Session) -> None:
        await open_screen(self._screens, session)
        self._watcher.open(session)
        if session.ended:  # while nobody was there, or before this
            self._screens.ended(session.id)

    def _end(self, session: Session, grace: float) -> None:
        if session.ended:
            self._tell(news.closed(session))
        else:
            self._holder.end(session, grace)

    async def _look(self, session: Session, message: SessionLook) -> None:
        try:
            async with asyncio.timeout(_LOOK_WITHIN):
                look = await self._screens.look(session.id, message.lines)
        except (OSError, DaemonError, TimeoutError) as error:
            failure = SessionFailed(f"nobody could look at its screen: {error!r}", "try again", "screen_unknown")
            self._complain(session.id, failure, message.request_id)
            return
        self._tell(news.screen(session, message.request_id, look))

    def _find(self, session_id: str, request_id: str | None = None) -> Session | None:
        """Return the session; of one that is not here, tell the hub so."""
        session = self._holder.sessions.get(session_id)
        if session is None:
            what = "this machine has no such session"
            unknown = SessionFailed(what, "`corral session list` knows", "session_unknown")
            self._complain(session_id, unknown, request_id)
        return session

    def _complain(self, session_id: str, error: DaemonError, request_id: str | None = None) -> None:
        log.warning("event=session_error session_id=%s code=%s reason=%r", session_id, error.code, str(error))
        self._tell(news.trouble(session_id, error, request_id))

    def _tell(self, message: ToHub) -> None:
        if self._say is not None:
            self._say(message)


_ORDERS: Mapping[type, Callable[[Sessions, Any], None]] = {
    SessionStart: Sessions.on_start,
    SessionInput: Sessions.on_input,
    SessionResize: Sessions.on_resize,
    SessionClose: Sessions.on_close,
    SessionKill: Sessions.on_kill,
    SessionForget: Sessions.on_forget,
    SessionWatch: Sessions.on_watch,
    SessionUnwatch: Sessions.on_unwatch,
    SessionSnapshot: Sessions.on_snapshot,
    SessionLook: Sessions.on_look,
    SessionRecord: Sessions.on_record,
    RecordingTaken: Sessions.on_taken,
}
