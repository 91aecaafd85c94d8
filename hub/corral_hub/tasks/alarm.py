"""One timer for many deadlines: it rings at the earliest, once."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from corral_hub import clock


class Alarm:
    """Calls `ring` when the earliest of the moments it was set to has come."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._at: datetime | None = None
        self._handle: asyncio.TimerHandle | None = None

    def set(self, at: datetime | None) -> None:
        """Ring at `at` at the latest. None changes nothing."""
        if at is None or (self._at is not None and self._at <= at):
            return
        self.stop()
        self._at = at
        delay = max(0.0, (at - clock.now()).total_seconds())
        self._handle = asyncio.get_running_loop().call_later(delay + 0.001, self._fire)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._at = self._handle = None

    def _fire(self) -> None:
        self._at = self._handle = None
        self._ring()
