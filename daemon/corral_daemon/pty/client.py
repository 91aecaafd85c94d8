"""The daemon's side of the holder: find it or start it, ask for terminals, hear what becomes of them."""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from corral_daemon import clock
from corral_daemon.errors import HolderUnusable, SessionFailed
from corral_daemon.processes.client import LINGER, ORPHAN_GRACE
from corral_daemon.processes.ending import Exit
from corral_daemon.processes.frames import Frame
from corral_daemon.processes.post import Outbox, Receiver
from corral_daemon.processes.table import COOKIE
from corral_daemon.pty.folder import LOG, SOCKET, check, folder
from corral_daemon.pty.line import VERSION
from corral_daemon.pty.ring import NotARing
from corral_daemon.pty.session import Session
from corral_daemon.pty.spawn import spawn

_WITHIN = 15.0
_LOOK_EVERY = 0.02
_RIGHTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """`environment` is complete. `note` comes back to every daemon that finds the session held."""

    argv: tuple[str, ...]
    directory: str
    environment: Mapping[str, str]
    cols: int
    rows: int
    note: Mapping[str, Any]


class Listener(Protocol):
    """Who is told what happens to sessions. Must not wait."""

    def moved(self, session: Session) -> None:
        """There are more bytes in its ring; said at least once after the last of them."""
        ...

    def ended(self, session: Session) -> None: ...


class Holder:
    """A connection to the holder of one state folder, made on demand."""

    def __init__(self, state: Path, ring_bytes: int, grace: float, listener: Listener) -> None:
        self.sessions: dict[str, Session] = {}
        self._folder = folder(state)
        self._ring_bytes = ring_bytes
        self._grace = grace
        self._listener = listener
        self._socket: socket.socket | None = None
        self._starting: dict[str, asyncio.Future[Session]] = {}
        self._listed: asyncio.Future[None] | None = None
        self._connecting = asyncio.Lock()

    async def find(self) -> bool:
        """Connect to the holder if there is one; return whether. Raises HolderUnusable."""
        async with self._connecting:
            return self._socket is not None or await self._connect()

    async def start(self, session_id: str, launch: Launch) -> Session:
        """Start a session; one of this name that is there already is the answer. Raises DaemonError."""
        if session_id in self.sessions:
            return self.sessions[session_id]
        await self._reach()
        if session_id in self.sessions:
            return self.sessions[session_id]
        started = self._starting.setdefault(session_id, asyncio.get_running_loop().create_future())
        cookie = clock.identity()
        self._say(
            "start",
            id=session_id,
            argv=list(launch.argv),
            directory=launch.directory,
            environment={**launch.environment, COOKIE: cookie},
            cookie=cookie,
            cols=launch.cols,
            rows=launch.rows,
            note=dict(launch.note),
            ring=self._ring_bytes,
            grace=self._grace,
            linger=LINGER,
            orphan_grace=ORPHAN_GRACE,
        )
        return await asyncio.shield(started)

    def resize(self, session: Session, cols: int, rows: int) -> None:
        session.size.cols, session.size.rows = cols, rows
        self._say("resize", id=session.id, cols=cols, rows=rows)

    def end(self, session: Session, grace: float) -> None:
        self._say("end", id=session.id, grace=grace)

    def hold(self, session: Session, offset: int | None) -> None:
        """Overwrite nothing from `offset` on; None: anything."""
        self._say("hold", id=session.id, offset=offset)

    def forget(self, session: Session) -> None:
        self._say("forget", id=session.id)
        self.sessions.pop(session.id, None)
        session.vanish()
        session.close()

    def close(self) -> None:
        """Leave; the holder and its sessions go on."""
        self._disconnect()
        for session in self.sessions.values():
            session.close()
        self.sessions.clear()

    # -- the connection -------------------------------------------------------------

    async def _reach(self) -> None:
        """Connect, starting a holder if there is none. Raises HolderUnusable."""
        async with self._connecting:
            deadline = clock.steady() + _WITHIN
            while self._socket is None and not await self._connect():
                await asyncio.to_thread(spawn, self._folder)
                if clock.steady() > deadline:
                    raise HolderUnusable(f"the process that holds terminals did not start (see {self._folder / LOG})")
                await asyncio.sleep(_LOOK_EVERY)

    async def _connect(self) -> bool:
        """Return whether a holder answered and said what it has. Raises HolderUnusable if it is another version's."""
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            check(self._folder)
            connection.connect(str(self._folder / SOCKET))
        except (FileNotFoundError, ConnectionRefusedError, BlockingIOError):
            connection.close()
            return False
        except HolderUnusable:
            connection.close()
            raise
        self._socket = connection
        self._receiver, self._outbox = Receiver(connection), Outbox(connection)
        self._listed = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().add_reader(connection, self._hear)
        self._say("hello", version=VERSION)
        try:
            await asyncio.wait_for(self._listed, _WITHIN)
        except (ConnectionResetError, TimeoutError):  # it was about to end
            self._disconnect()
            return False
        except HolderUnusable:
            self._disconnect()
            raise
        return True

    def _disconnect(self) -> None:
        if self._socket is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._socket)
            loop.remove_writer(self._socket)
            self._outbox.discard()
            self._socket.close()
            self._socket = None

    def _say(self, verb: str, **frame: Any) -> None:
        """What cannot be said because the holder is gone need not be: its sessions are as well."""
        if self._socket is not None:
            self._outbox.put({"verb": verb, **frame})
            self._flush()

    def _flush(self) -> None:
        if self._socket is None:
            return
        loop = asyncio.get_running_loop()
        try:
            done = self._outbox.flush()
        except OSError:  # the reader hears of it
            done = True
        if done:
            loop.remove_writer(self._socket)
        else:
            loop.add_writer(self._socket, self._flush)

    def _hear(self) -> None:
        try:
            frames = self._receiver.receive()
        except BlockingIOError:
            return
        for frame in frames or ():
            _WORDS[frame["word"]](self, frame)
        if frames is None:
            self._mourn()

    def _mourn(self) -> None:
        """The holder ended. Its wardens stop what ran in its terminals; how that ends nobody will know."""
        self._disconnect()
        if self._listed and not self._listed.done():
            self._listed.set_exception(ConnectionResetError())
        for future in self._starting.values():
            future.set_exception(HolderUnusable("the process that holds terminals ended while it started one"))
        self._starting.clear()
        for session in list(self.sessions.values()):
            if session.ended is None:
                session.end(Exit(lost=True))
                self._listener.ended(session)

    # -- what the holder says -------------------------------------------------------

    def on_hello(self, frame: Frame) -> None:
        if frame["version"] != VERSION and self._listed:
            self._say("retire")
            self._listed.set_exception(
                HolderUnusable(
                    f"the {frame['sessions']} terminals of this machine are held by another version of Corral (its"
                    f" protocol is {frame['version']}, ours {VERSION}); they go on running, and new ones have to wait",
                    "end them there, or all with `corral daemon terminals --end`; then a holder of this version starts",
                    "holder_other_version",
                )
            )

    def on_held(self, frame: Frame) -> None:
        descriptors, self._receiver.descriptors = (
            self._receiver.descriptors[:_RIGHTS],
            self._receiver.descriptors[_RIGHTS:],
        )
        if frame["id"] in self.sessions:
            for descriptor in descriptors:
                os.close(descriptor)
            return
        try:
            session = Session(frame, descriptors, self._listener.moved)
        except NotARing as error:
            self._fail(frame["id"], SessionFailed(f"its output cannot be read: {error}"))
            return
        self.sessions[session.id] = session
        if frame["ended"]:
            session.end(_exit(frame["status"]))
        if started := self._starting.pop(session.id, None):
            started.set_result(session)

    def on_refused(self, frame: Frame) -> None:
        self._fail(
            frame["id"],
            SessionFailed(
                f"the terminal could not be started: {frame['error']}",
                "check the command, the directory and how many processes this machine allows",
                "spawn_failed",
            ),
        )

    def on_ended(self, frame: Frame) -> None:
        session = self.sessions.get(frame["id"])
        if session is not None and session.ended is None:
            session.end(_exit(frame["status"]))
            self._listener.ended(session)

    def on_listed(self, frame: Frame) -> None:
        if self._listed and not self._listed.done():
            self._listed.set_result(None)

    def _fail(self, session_id: str, error: SessionFailed) -> None:
        if started := self._starting.pop(session_id, None):
            started.set_exception(error)


_WORDS: Mapping[str, Callable[[Holder, Frame], None]] = {
    "hello": Holder.on_hello,
    "held": Holder.on_held,
    "refused": Holder.on_refused,
    "ended": Holder.on_ended,
    "listed": Holder.on_listed,
}


def _exit(status: int | None) -> Exit:
    """`status` is None where the warden was killed."""
    if status is None:
        return Exit(lost=True)
    code = os.waitstatus_to_exitcode(status)
    return Exit(code=code if code >= 0 else None, signal=-code if code < 0 else None)
