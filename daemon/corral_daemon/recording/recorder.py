"""What the scribe does to record a session: it looks on while the screen is kept, and puts segments on a shelf."""

import logging
from collections.abc import Callable
from typing import Protocol

from corral_daemon import clock
from corral_daemon.recording.packer import Packer, Sealed
from corral_daemon.recording.shelf import Shelf
from corral_daemon.recording.words import Recorded, Wanted
from corral_protocol.vocabulary import RecordingState

log = logging.getLogger(__name__)


_CENTURY = 100 * 365 * 24 * 3600


class Drawable(Protocol):
    def draw(self) -> bytes: ...


class Recorder:
    """Implements scribe.sight.Tap. `say` is called with every segment that is on the shelf."""

    def __init__(
        self, shelf: Shelf, wanted: Wanted, size: tuple[int, int], say: Callable[[Recorded], None], *, room: bool
    ) -> None:
        """Go on where the last segment on the shelf ends. Raises OSError."""
        self._shelf = shelf
        self._say = say
        self._zero = clock.steady() - min(max(0.0, clock.unix() - wanted.began), _CENTURY)
        last = shelf.last()
        on = wanted.on if last is None or wanted.told else last.state is RecordingState.ON
        self._packer = Packer(shelf.session_id, size, on=on, limit=wanted.limit, now=0 if last is None else self._now)
        if last is not None:
            self._keep(self._packer.go_on(last, on=on))
        self._packer.make_room(room, self._now)
        self._failing = False

    @property
    def position(self) -> int:
        """All output before it has been heard."""
        return self._packer.position

    def look(self, offset: int, screen: Drawable) -> None:
        """The screen shows all output before `offset`, and more is about to come."""
        self._meet(offset)
        if self._packer.position == offset and self._packer.wants_drawing(self._now):
            self._keep(self._packer.draw(screen.draw(), self._now))

    def hear(self, offset: int, clear: bytes) -> None:
        """Output, masked, that begins at `offset`."""
        self._keep(self._packer.output(offset, clear, self._now))

    def resized(self, cols: int, rows: int) -> None:
        self._packer.resized(cols, rows, self._now)

    def tick(self, offset: int, screen: Drawable | None) -> None:
        """Time has passed. `screen`, if it shows all output before `offset`."""
        if screen is not None and self._packer.must_draw(self._now):
            self._meet(offset)
            if self._packer.position == offset:
                self._keep(self._packer.draw(screen.draw(), self._now))
        self._keep(self._packer.tick(self._now))

    def patience(self) -> float | None:
        """Return for how many seconds nothing has to be done; None: until something happens."""
        due = self._packer.due(self._now)
        if due is None:
            return None
        left = (due - self._now) / 1000
        return left if left > 0 else 0.0

    def switch(self, wanted: Wanted) -> None:
        self._packer.limit = wanted.limit
        self._keep(self._packer.switch(wanted.on, self._now))

    def make_room(self, there: bool) -> None:
        self._packer.make_room(there, self._now)

    def end(self) -> None:
        self._keep(self._packer.end(self._now))

    @property
    def _now(self) -> int:
        return max(0, int((clock.steady() - self._zero) * 1000))

    def _meet(self, offset: int) -> None:
        if offset > self._packer.position:
            self._packer.lost(offset, self._now)

    def _keep(self, sealed: list[Sealed]) -> None:
        for one in sealed:
            try:
                self._shelf.put(one.label.number, one.data)
            except OSError as error:
                if not self._failing:
                    log.error("event=recording_not_kept session_id=%s reason=%r", self._shelf.session_id, str(error))
                self._failing = True
                self._packer.not_kept(one, self._now)
                return
            self._failing = False
            self._say(Recorded(session_id=self._shelf.session_id, number=one.label.number, size=len(one.data)))
