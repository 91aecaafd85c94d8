"""One viewer's place in one session's stream: what it gets next, and how much may be on its way. Pure.

A seat is somewhere in the backlog, or it needs a snapshot: it has just come in, or the backlog has left it behind.
After a snapshot it goes on from the snapshot's offset. It never gets a byte twice, and it gets every byte after the
first, or a snapshot that stands for those it missed.
"""

from corral_hub.sessions.backlog import Backlog
from corral_hub.sessions.window import Window
from corral_protocol.frames import HEADER


class Seat:
    """`position`: the offset that is sent next; None before the first snapshot."""

    def __init__(self, position: int | None) -> None:
        self.position = position
        self.taken = position or 0  # what the viewer itself has said: the pace of the program
        self._acked = position or 0
        self._window = Window()
        self._snapshot: tuple[int, bytes] | None = None
        self._resumed = 0  # where the last snapshot stood
        self._debt = 0  # bytes in flight up to and with it, until the viewer says that it was taken

    @property
    def in_flight(self) -> int:
        return self._debt + (self.position or 0) - self._acked

    def has_room(self) -> bool:
        return self._window.has_room(self.in_flight)

    def is_behind(self, backlog: Backlog) -> bool:
        """Whether only a snapshot can take it further."""
        if self._snapshot is not None:
            return False
        return self.position is None or (backlog.base is not None and self.position < backlog.base)

    def offer(self, offset: int, frame: bytes) -> bool:
        """Hand it a snapshot; False if it has seen as much already."""
        if self.position is not None and offset <= self.position:
            return False
        self._snapshot = (offset, frame)
        return True

    def forget(self) -> None:
        """Where it was is no place in this stream: it needs a snapshot."""
        self.position = self._snapshot = None
        self.taken = self._acked = self._resumed = self._debt = 0

    def skip(self, offset: int) -> None:
        """There is no snapshot to be had: go on from `offset` all the same."""
        self._land(offset)

    def take(self, backlog: Backlog, now: float) -> bytes | None:
        """Return the frame to send next; None while there is none, or no room for it."""
        if not self.has_room():
            return None
        frame = self._take_snapshot() if self._snapshot is not None else self._take_output(backlog)
        if frame is not None and self.position is not None:
            self._window.sent(self.position, now)
        return frame

    def _take_output(self, backlog: Backlog) -> bytes | None:
        if self.position is None or not backlog.holds(self.position):
            return None
        frame = backlog.at(self.position)
        if frame is not None:
            self.position += len(frame) - HEADER.size
        return frame

    def _take_snapshot(self) -> bytes:
        assert self._snapshot is not None
        (offset, frame), self._snapshot = self._snapshot, None
        self._land(offset)
        self._debt += len(frame)
        return frame

    def _land(self, offset: int) -> None:
        self._debt = self.in_flight
        self.position = self._acked = self._resumed = offset

    def acknowledge(self, offset: int, now: float) -> None:
        """The viewer has taken everything before `offset`; more than it was sent cannot be meant."""
        offset = min(offset, self.position or 0)
        if offset >= self._resumed:
            self._debt = 0
        self._acked = max(self._acked, offset)
        self.taken = max(self.taken, offset)
        self._window.taken(offset, now)
