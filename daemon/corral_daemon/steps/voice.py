"""What one attempt of a node says while it runs, from whatever thread, as the hub is told of it.

Lines are kept: they go through the spool, and what is let go of a flood is counted. Of progress the newest counts, and
it may be lost. An attempt that ends at once says everything with its end.
"""

import asyncio
import math
import threading
from typing import Any, Protocol

from corral_daemon.steps.journal import Journal
from corral_protocol.nodes import NodeAssigned, NodeLog, NodeProgress
from corral_protocol.to_hub import ToHub

PAUSE = 0.25
LONGEST_PAUSE = 5.0
"""Seconds between two messages of one attempt: longer and longer while it floods."""
LONGEST_WORD = 500
UNNUMBERED = 0
"""The spool gives the number when it writes the record."""

LATER, NOW = 1, 2


class Ears(Protocol):
    """Who listens to what attempts say."""

    def say(self, message: ToHub) -> None:
        """Send it, if there is a connection."""
        ...

    def has_room(self) -> bool:
        """Whether lines may be kept now."""
        ...

    def keep(self, lines: NodeLog) -> None:
        """Put lines into the spool."""
        ...


class Nobody:
    """Nobody listens: what is said goes with the end."""

    def say(self, message: ToHub) -> None:
        """It is only for the eye."""

    def has_room(self) -> bool:
        return False

    def keep(self, lines: NodeLog) -> None:
        """Never called: there is no room."""


class Voice:
    """`log` and `progress` are for the node; the loop that made it does the rest."""

    def __init__(self, assigned: NodeAssigned, ears: Ears | None = None) -> None:
        self._of: dict[str, Any] = {"run_id": assigned.run_id, "key": assigned.key, "attempt": assigned.attempt}
        self._ears = ears or Nobody()
        self._journal = Journal(assigned.secrets)
        self._progress: NodeProgress | None = None
        self._said: NodeProgress | None = None
        self._lock = threading.Lock()
        self._loop = asyncio.get_running_loop()
        self._pause = PAUSE
        self._stirred = 0
        self._timer: asyncio.TimerHandle | None = None
        self._over = False
        self.heard = self._loop.time()
        """When it gave a sign of life last, by the loop's clock."""

    def log(self, text: str) -> None:
        self.heard = self._loop.time()
        with self._lock:
            self._journal.write(text)
            hurried = self._journal.is_filling and self._pause == PAUSE
        self._stir(NOW if hurried else LATER)

    def progress(self, done: float | None, text: str = "") -> None:
        self.heard = self._loop.time()
        word = self._journal.clean(str(text)[:LONGEST_WORD])
        first, self._progress = self._progress is None, NodeProgress(**self._of, done=_part(done), text=word)
        if first:
            self._loop.call_soon_threadsafe(self._tell_progress)
        else:
            self._stir(LATER)

    def again(self) -> None:
        """Say the newest progress once more: there is a new connection."""
        if self._progress is not None:
            self._ears.say(self._progress)

    def rest(self) -> tuple[str, ...]:
        """Return what goes with the end: everything, unless some of it is said already; then keep the rest as well."""
        self.close()
        with self._lock:
            if not self._journal.taken:
                return self._journal.lines()
        self._tell_lines(must=True)
        return ()

    def close(self) -> None:
        self._over = True
        if self._timer is not None:
            self._timer.cancel()

    def _stir(self, when: int) -> None:
        """Have it told. Called from any thread: however much is said, the loop is woken once, or once more to hurry."""
        if when > self._stirred and not self._over:
            self._stirred = when
            self._loop.call_soon_threadsafe(self._arm, when)

    def _arm(self, when: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self._over:
            self._timer = self._loop.call_later(0.0 if when == NOW else self._pause, self._tell)

    def _tell(self) -> None:
        self._timer, self._stirred = None, 0
        self._tell_progress()
        if not self._tell_lines(must=False):
            self._stir(LATER)  # the spool is full

    def _tell_progress(self) -> None:
        if self._progress is not self._said and self._progress is not None and not self._over:
            self._said = self._progress
            self._ears.say(self._progress)

    def _tell_lines(self, *, must: bool) -> bool:
        with self._lock:
            if not self._journal.waits:
                return True
            if not must and not self._ears.has_room():
                return False
            page = self._journal.take()
        self._pause = min(self._pause * 2, LONGEST_PAUSE) if page.dropped else PAUSE
        self._ears.keep(NodeLog(seq=UNNUMBERED, **self._of, first=page.first, dropped=page.dropped, lines=page.lines))
        return True


def _part(done: float | None) -> float | None:
    """Return how much is done, from 0 to 1; None for what is no number."""
    usable = isinstance(done, int | float) and math.isfinite(done)
    return min(1.0, max(0.0, float(done))) if usable and done is not None else None
