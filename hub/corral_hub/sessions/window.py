"""How many bytes may be on their way to one viewer. Pure.

The window grows while the viewer empties it quickly, and shrinks when that takes long: a browser on a slow line has
64 KiB of old output before its key's echo, not a megabyte.
"""

SMALLEST = 64 * 1024
LARGEST = 1024 * 1024
QUICK = 0.25
SLOW = 1.0
"""Seconds from sending a byte to hearing that it was taken."""


class Window:
    """Seconds are arguments, on a clock that never steps."""

    def __init__(self) -> None:
        self.size = SMALLEST
        self._filled = False  # since the sample was taken
        self._sample: tuple[int, float] | None = None  # the byte whose way is timed, and when it left

    def has_room(self, in_flight: int) -> bool:
        """Whether one more frame may leave. The last one may stick out: frames are not cut."""
        if in_flight < self.size:
            return True
        self._filled = True
        return False

    def sent(self, position: int, now: float) -> None:
        """Everything before `position` has left."""
        if self._sample is None:
            self._sample = (position, now)

    def taken(self, position: int, now: float) -> None:
        """The viewer has taken everything before `position`."""
        if self._sample is None or position < self._sample[0]:
            return
        waited = now - self._sample[1]
        if waited > SLOW:
            self.size = max(SMALLEST, self.size // 2)
        elif self._filled and waited < QUICK:
            self.size = min(LARGEST, self.size * 2)
        self._filled, self._sample = False, None
