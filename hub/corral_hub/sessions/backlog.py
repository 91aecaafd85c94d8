"""The last output frames of one session, shared by everybody who watches it, and bounded. Pure.

Frames are kept as they came and given out as they came: the same object for every viewer. Offsets in it are
contiguous, from `base` to `head`.
"""

from collections import OrderedDict

from corral_protocol.frames import HEADER, Kind, pack, read_header

LIMIT = 1 << 20
OVERHEAD = 128
"""What it costs to keep a frame, beside its bytes: a flood of single letters is bounded too."""


class Backlog:
    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._frames: OrderedDict[int, bytes] = OrderedDict()
        self.size = 0
        self.base: int | None = None
        self.head: int | None = None

    def restart(self, offset: int) -> None:
        """Nothing before `offset` is here; the output goes on from there."""
        self._frames.clear()
        self.size = 0
        self.base = self.head = offset

    def add(self, offset: int, frame: bytes) -> bool:
        """Keep an OUTPUT frame; False if it says nothing new. One that begins later than `head` leaves a gap."""
        end = offset + len(frame) - HEADER.size
        if self.head is None or offset > self.head:
            self.restart(offset)
        elif offset < self.head < end:
            frame, offset = _tail(frame, self.head), self.head
        if end <= offset or end <= (self.head or 0):
            return False
        self._frames[offset] = frame
        self.size += len(frame) + OVERHEAD
        self.head = end
        while self.size > self._limit and len(self._frames) > 1:
            start, old = self._frames.popitem(last=False)
            self.size -= len(old) + OVERHEAD
            self.base = start + len(old) - HEADER.size
        return True

    def holds(self, position: int) -> bool:
        """Whether somebody who has everything before `position` can go on from here."""
        return self.base is not None and self.head is not None and self.base <= position <= self.head

    def at(self, position: int) -> bytes | None:
        """Return the frame that begins at `position`; None at the head. `position` must be held."""
        frame = self._frames.get(position)
        if frame is not None or position == self.head:
            return frame
        # Somebody came in in the middle of a frame: after a snapshot, or with an offset of their own.
        start = max(start for start in self._frames if start < position)
        return _tail(self._frames[start], position)


def _tail(frame: bytes, position: int) -> bytes:
    """Return the part of an OUTPUT frame from `position` on, as a frame."""
    _, channel, offset = read_header(frame)
    return pack(Kind.OUTPUT, channel, position, memoryview(frame)[HEADER.size + position - offset :])
