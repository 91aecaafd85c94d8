"""One terminal inside the holder: its PTY, its ring, its warden, and how it ends."""

import contextlib
import os
import selectors
import signal
import socket
import termios
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from corral_daemon.processes.frames import Frame, pack
from corral_daemon.processes.post import Receiver
from corral_daemon.pty import ring

_SETTLED = 1.0
"""Seconds without output after which a terminal whose tree is gone counts as read to its end, whoever has it open."""
_NOBODY = -1


class Terminal:
    """`changed` is called whenever it has started, could not (`error`), or has come nearer to its end.

    It has ended when the whole tree is gone and everything it wrote is in the ring. A bell that nobody has heard yet
    is not rung louder: the pipe is readable, and that is all it says.
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        control: socket.socket,
        request: Frame,
        folder: Path,
        changed: Callable[["Terminal"], None],
    ) -> None:
        self.id: str = request["id"]
        self.cols: int = request["cols"]
        self.rows: int = request["rows"]
        self.note = request["note"]
        self.pid: int | None = None
        self.error: Frame | None = None
        self.status: int | None = None
        self.ended = False
        self.doomed = False
        self.connected = False
        self._selector = selector
        self._changed = changed
        self._control = control
        self._receiver = Receiver(control)
        self._ring = ring.create(request["ring"], folder)
        self._hear_bell, self._bell = os.pipe()
        for descriptor in (self._hear_bell, self._bell):
            os.set_blocking(descriptor, False)
        self._master = _NOBODY
        self._limit: int | None = None
        self._reading = False
        self._drained = False
        self._tree_gone: float | None = None
        selector.register(control, selectors.EVENT_READ, self._hear)

    @property
    def descriptors(self) -> list[int]:
        """What a daemon needs: the ring, the PTY, the bell."""
        return [self._ring.fd, self._master, self._hear_bell]

    @property
    def head(self) -> int:
        return self._ring.head

    def pump(self) -> None:
        """Move what the PTY has into the ring, and ring."""
        room = self._room()
        try:
            moved = self._ring.fill(self._master, room) if room > 0 else 0
        except EOFError:
            self._give_up_reading()
            return
        except OSError as error:  # no memory for the ring's next page, say: one session's trouble, not everybody's
            traceback.print_exception(error)
            self.end(0.0)
            self._give_up_reading()
            return
        if moved and self.connected:
            with contextlib.suppress(BlockingIOError):
                os.write(self._bell, b"!")
        if moved >= room:
            self._regulate()

    def hold(self, offset: int | None) -> None:
        """Keep every byte from `offset` on, if need be by reading no more; None: keep only the newest."""
        self._limit = None if offset is None else offset + self._ring.capacity
        self._regulate()

    def resize(self, cols: int, rows: int) -> None:
        self.cols, self.rows = cols, rows
        if self._master != _NOBODY:
            with contextlib.suppress(termios.error):  # everybody has closed it
                termios.tcsetwinsize(self._master, (rows, cols))

    def end(self, grace: float) -> None:
        """HUP and TERM to the whole tree, KILL after `grace` seconds."""
        with contextlib.suppress(OSError):  # its warden is gone: so is its tree
            self._control.send(pack({"kill": grace}))

    def look(self) -> bool:
        """See to what no descriptor tells; return whether to come again soon.

        All ends of a PTY closed is not the end while its processes live: they may open it again.
        """
        if self.ended or self._master == _NOBODY:
            return False
        if self._drained and self._tree_gone is None:
            self._drained = False
            self._regulate()
        if self._tree_gone is not None and self._reading and time.monotonic() - self._tree_gone > _SETTLED:
            self._give_up_reading()
        return not self.ended and (self._drained or self._tree_gone is not None)

    def close(self) -> None:
        """Let go of everything. What still runs loses its terminal and its warden's ear, which ends it."""
        self._stop_reading()
        self._deafen()
        self.close_descriptors()

    def close_descriptors(self) -> None:
        """Forget the ring and the PTY, also in a fork, where the selector is another's."""
        self._ring.close()
        for descriptor in (self._master, self._hear_bell, self._bell):
            if descriptor != _NOBODY:
                os.close(descriptor)
        self._master = _NOBODY

    def _room(self) -> int:
        return ring.FILL if self._limit is None else min(ring.FILL, self._limit - self._ring.head)

    def _regulate(self) -> None:
        wanted = not self._drained and self._master != _NOBODY and self._room() > 0
        if wanted and not self._reading:
            self._selector.register(self._master, selectors.EVENT_READ, self.pump)
            self._reading = True
        elif not wanted:
            self._stop_reading()

    def _give_up_reading(self) -> None:
        self._stop_reading()
        self._drained = True
        self._conclude()

    def _stop_reading(self) -> None:
        if self._reading:
            self._selector.unregister(self._master)
            self._reading = False

    def _hear(self) -> None:
        try:
            frames = self._receiver.receive()
        except BlockingIOError:
            return
        for frame in frames or ():
            for word, handler in _HANDLERS.items():
                if word in frame:
                    handler(self, frame)
        if frames is None:
            self._mourn()

    def on_pid(self, frame: Frame) -> None:
        self.pid = frame["pid"]
        self._master = self._receiver.descriptors.pop()
        os.set_blocking(self._master, False)
        self.resize(self.cols, self.rows)
        self._regulate()
        self._changed(self)

    def on_error(self, frame: Frame) -> None:
        self.error = frame
        self._deafen()
        self._changed(self)

    def on_status(self, frame: Frame) -> None:
        self.status = frame["status"]
        self._deafen()
        self._tree_gone = time.monotonic()
        self._conclude()

    def _mourn(self) -> None:
        """The warden was killed; its children have become the holder's, which clears them away."""
        if self.pid is None:
            self.on_error({"error": "the process that was to start it was killed", "errno": None})
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._deafen()
        self._tree_gone = time.monotonic()
        self._conclude()

    def _deafen(self) -> None:
        if self._control.fileno() != _NOBODY:
            self._selector.unregister(self._control)
            self._control.close()

    def _conclude(self) -> None:
        self.ended = self._drained and self._tree_gone is not None
        self._changed(self)


_HANDLERS: Mapping[str, Callable[[Terminal, Frame], None]] = {
    "pid": Terminal.on_pid,
    "error": Terminal.on_error,
    "status": Terminal.on_status,
}
