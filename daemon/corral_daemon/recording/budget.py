"""How much of a session's output may be recorded: so many bytes a second, with a reserve for bursts. Pure."""

RATE = 1 << 20
"""Bytes a second that can be recorded for ever."""
BURST = 8 << 20
"""Bytes that can be recorded at once, by who was quiet before."""
ENOUGH = 1 << 20
"""Bytes that must be there again before recording goes on after a flood."""


class Budget:
    """Times are milliseconds that do not run backwards."""

    def __init__(self, now: int) -> None:
        self._left = float(BURST)
        self._at = now

    def spend(self, count: int, now: int) -> bool:
        """Return whether `count` bytes may be recorded; then they are paid for."""
        self._refill(now)
        if count > self._left:
            return False
        self._left -= count
        return True

    def charge(self, count: int, now: int) -> None:
        """Pay for what has to be recorded in any case."""
        self._refill(now)
        self._left -= count

    def ready_at(self, now: int) -> int:
        """Return when there will be enough to go on."""
        self._refill(now)
        return now + max(0, -int((self._left - ENOUGH) * 1000 // RATE))

    def _refill(self, now: int) -> None:
        self._left = min(float(BURST), self._left + max(0, now - self._at) * RATE / 1000)
        self._at = max(self._at, now)
