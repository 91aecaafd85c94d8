"""How much may be on its way to somebody who acknowledges what it has taken. Pure."""

from collections import deque

from corral_protocol.codec import Malformed

MOST_FRAMES = 1024
"""Frames on their way, however small: each of them costs those who pass it on more than its bytes."""


class Credit:
    """Offsets count all bytes of one way, from `start`."""

    def __init__(self, window: int, start: int = 0) -> None:
        self.sent = start
        self.acked = start
        self._window = window
        self._ends: deque[int] = deque()

    @property
    def room(self) -> int:
        """So many bytes may be sent now, in one frame."""
        return 0 if len(self._ends) >= MOST_FRAMES else max(0, self.acked + self._window - self.sent)

    def allows(self, size: int) -> bool:
        """Whether one more frame of this size may be sent now; an empty one needs no room in the window."""
        return len(self._ends) < MOST_FRAMES and size <= self.acked + self._window - self.sent

    def send(self, size: int) -> int:
        """Note that a frame of so many bytes leaves; return its offset."""
        offset = self.sent
        self.sent += size
        self._ends.append(self.sent)
        return offset

    def acknowledge(self, offset: int) -> None:
        """Everything before `offset` was taken. Raises Malformed for what was never sent."""
        if offset > self.sent:
            raise Malformed("", f"byte {offset} cannot have been taken: {self.sent} were sent")
        self.acked = max(self.acked, offset)
        while self._ends and self._ends[0] <= self.acked:
            self._ends.popleft()
