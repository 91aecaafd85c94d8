"""What a process printed, as lines: the newest of them, and how many there were. Pure."""

from collections import deque

from corral_daemon.storable import readable

MOST = 1_000
LONGEST = 2_000


class Lines:
    def __init__(self) -> None:
        self.total = 0
        self._kept: deque[str] = deque(maxlen=MOST)
        self._open = b""

    def take(self, data: bytes) -> None:
        *whole, self._open = (self._open + data).split(b"\n")
        for line in whole:
            self._keep(line)
        if len(self._open) > LONGEST:
            self.finish()

    def finish(self) -> None:
        """No line end comes any more."""
        if self._open:
            self._keep(self._open)
        self._open = b""

    def from_line(self, offset: int) -> list[str]:
        """Return the lines from a number on, counted from 0; those that were let go are not among them."""
        gone = self.total - len(self._kept)
        return list(self._kept)[max(0, offset - gone) :]

    def newest(self, count: int) -> list[str]:
        return list(self._kept)[-count:] if count > 0 else []

    def _keep(self, line: bytes) -> None:
        self._kept.append(readable(line.rstrip(b"\r").decode("utf-8", "replace"))[:LONGEST])
        self.total += 1
