"""The holder: owns the terminals of one state folder, whatever happens to the daemon. A pump and a table.

It starts once, imports little, parses nothing that it carries, and speaks with one daemon at a time over a unix
socket. It ends when its last session is forgotten and no daemon is connected, or when it is told to end them all
(SIGTERM).
"""

import errno
import os
import selectors
import signal
import socket
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from corral_daemon.processes import table
from corral_daemon.processes.frames import Frame
from corral_daemon.processes.tree import alive, remember, strays
from corral_daemon.processes.warden import become_subreaper, wakeup
from corral_daemon.pty.line import VERSION, Line
from corral_daemon.pty.terminal import Terminal
from corral_daemon.pty.warden import live_as_warden

FOREVER = 3600.0
_FIRST_DAEMON_WITHIN = 60.0
_LOOK_EVERY = 0.1
_LAST_GRACE = 10.0


class Holder:
    def __init__(self, listener: socket.socket, folder: Path) -> None:
        self._folder = folder
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._terminals: dict[str, Terminal] = {}
        self._wardens: set[int] = set()
        self._daemon: Line | None = None
        self._expecting = True
        self._sweeping = False
        self._look_at: float | None = time.monotonic() + _FIRST_DAEMON_WITHIN
        self._retiring = False
        self._wake = wakeup()
        self._reaper = become_subreaper()
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._wake, selectors.EVENT_READ, self._on_signal)

    def run(self) -> None:
        while not self._is_over():
            for key, _ in self._selector.select(self._timeout()):
                if self._selector.get_map().get(key.fd) is key:  # one before it may have closed it
                    key.data()
            if self._look_at is not None and time.monotonic() >= self._look_at:
                self._look()
        self._listener.close()

    def _is_over(self) -> bool:
        if self._retiring and all(terminal.ended for terminal in self._terminals.values()):
            return True
        return not self._terminals and self._daemon is None and not self._expecting

    def _timeout(self) -> float:
        return FOREVER if self._look_at is None else max(0.0, self._look_at - time.monotonic())

    def _look(self) -> None:
        """See to what no descriptor tells; come again while there is any of it."""
        self._expecting = False
        self._sweep()
        unsettled = [terminal for terminal in self._terminals.values() if terminal.look()]
        self._look_at = time.monotonic() + _LOOK_EVERY if unsettled or self._sweeping else None

    def _look_soon(self) -> None:
        if not self._expecting:
            self._look_at = time.monotonic() + _LOOK_EVERY

    # -- processes ------------------------------------------------------------------

    def _on_signal(self) -> None:
        told = os.read(self._wake, 512)
        if signal.SIGTERM in told:
            self._retiring = True
            for terminal in self._terminals.values():
                terminal.end(_LAST_GRACE)
        self._reap()

    def _reap(self) -> None:
        """Wardens end by themselves once their tree is gone; the children of one that was killed become ours."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self._wardens:
                self._wardens.discard(pid)
                self._sweeping |= status != 0 and self._reaper
                self._look_soon()

    def _sweep(self) -> None:
        if self._sweeping:
            snapshot = table.read()
            left = strays(snapshot, os.getpid(), self._wardens)
            for pid, started in remember(snapshot, alive(snapshot, left)):
                table.send(pid, started, signal.SIGKILL)
            self._sweeping = bool(left)

    def _fork(self, request: Frame) -> socket.socket:
        """Fork a warden; return its socket. Raises OSError where there is no room for another process."""
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
        if pid == 0:
            for terminal in self._terminals.values():
                terminal.close_descriptors()
            live_as_warden(theirs, request)
        theirs.close()
        ours.setblocking(False)
        self._wardens.add(pid)
        return ours

    # -- the daemon -----------------------------------------------------------------

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # it is gone again
            return
        connection.setblocking(False)
        line = Line(self._selector, connection)
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._converse(line))

    def _converse(self, line: Line) -> None:
        line.flush()
        try:
            frames = line.receiver.receive()
        except BlockingIOError:
            return
        try:
            for frame in frames or ():
                VERBS[frame["verb"]](self, line, frame)
        except (LookupError, TypeError, ValueError, OSError) as error:  # a daemon's mistake must not cost a session
            traceback.print_exception(error)
            frames = None
        if frames is None:
            self._leave(line)

    def _leave(self, line: Line) -> None:
        """Nobody listens: nothing is held back, the rings go round."""
        line.close()
        if line is not self._daemon:
            return
        self._daemon = None
        for terminal in self._terminals.values():
            terminal.connected = False
            terminal.hold(None)

    def on_hello(self, line: Line, frame: Frame) -> None:
        """Say what we are, and to a daemon that speaks like us, what we have. The newest daemon is the one."""
        line.say("hello", {"version": VERSION, "pid": os.getpid(), "sessions": len(self._terminals)})
        if frame["version"] != VERSION:
            return
        if self._daemon is not None:
            self._leave(self._daemon)
        self._daemon = line
        self._expecting, self._look_at = False, time.monotonic()
        for terminal in self._terminals.values():
            if terminal.pid is not None:
                self._present(line, terminal)
        line.say("listed", {})

    def on_retire(self, line: Line, frame: Frame) -> None:
        """End as soon as every session has ended, remembered or not: a daemon of another version took over."""
        self._retiring = True

    def on_start(self, line: Line, frame: Frame) -> None:
        if known := self._terminals.get(frame["id"]):
            self._present(line, known)
            return
        try:
            self._refuse_when_retiring()
            control = self._fork(frame)
            terminal = Terminal(self._selector, control, frame, self._folder, self._on_change)
        except OSError as error:
            line.say("refused", {"id": frame["id"], "error": error.strerror, "errno": error.errno})
            return
        self._terminals[terminal.id] = terminal

    def _refuse_when_retiring(self) -> None:
        if self._retiring:
            raise OSError(errno.ESHUTDOWN, "the holder of this machine's terminals was told to end")

    def on_resize(self, line: Line, frame: Frame) -> None:
        if terminal := self._terminals.get(frame["id"]):
            terminal.resize(frame["cols"], frame["rows"])

    def on_end(self, line: Line, frame: Frame) -> None:
        if (terminal := self._terminals.get(frame["id"])) and not terminal.ended:
            terminal.end(frame["grace"])

    def on_hold(self, line: Line, frame: Frame) -> None:
        if terminal := self._terminals.get(frame["id"]):
            terminal.hold(frame["offset"])

    def on_forget(self, line: Line, frame: Frame) -> None:
        """One that still runs is ended first, and nobody hears of it again."""
        terminal = self._terminals.get(frame["id"])
        if terminal is None:
            return
        terminal.doomed = True
        if terminal.ended:
            self._forget(terminal)
        else:
            terminal.hold(None)
            terminal.end(_LAST_GRACE)

    def _on_change(self, terminal: Terminal) -> None:
        if terminal.error is not None:
            self._forget(terminal)
            if self._daemon:
                self._daemon.say("refused", {"id": terminal.id, **terminal.error})
        elif terminal.ended and terminal.doomed:
            self._forget(terminal)
        elif terminal.ended and self._daemon:
            self._daemon.say("ended", {"id": terminal.id, "status": terminal.status})
        elif self._daemon and not terminal.connected:
            self._present(self._daemon, terminal)
        self._look_soon()

    def _present(self, line: Line, terminal: Terminal) -> None:
        terminal.connected = True
        line.say(
            "held",
            {
                "id": terminal.id,
                "pid": terminal.pid,
                "cols": terminal.cols,
                "rows": terminal.rows,
                "note": terminal.note,
                "ended": terminal.ended,
                "status": terminal.status,
            },
            terminal.descriptors,
        )

    def _forget(self, terminal: Terminal) -> None:
        terminal.close()
        self._terminals.pop(terminal.id, None)


VERBS: Mapping[str, Callable[[Holder, Line, Frame], None]] = {
    "hello": Holder.on_hello,
    "retire": Holder.on_retire,
    "start": Holder.on_start,
    "resize": Holder.on_resize,
    "end": Holder.on_end,
    "hold": Holder.on_hold,
    "forget": Holder.on_forget,
}
