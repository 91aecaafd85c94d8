"""One session as the scribe sees it: how far its ring was read, and what its screen shows there."""

import logging
import re
from collections import deque
from pathlib import Path
from typing import NamedTuple, Protocol

from corral_daemon.masking import SHORTEST, Masker
from corral_daemon.pty.ring import Overwritten, Ring
from corral_daemon.scribe.kept import Kept, load, save
from corral_daemon.scribe.plain import recent
from corral_daemon.scribe.screen import Screen
from corral_daemon.scribe.squeeze import squeeze

log = logging.getLogger(__name__)

TAKE = 1 << 18
"""Bytes read, masked and squeezed in one step: a few milliseconds."""
SLICE = 1 << 14
"""Bytes shown on the screen in one step."""
_STRETCH = 1 << 20
"""How far before its end a ring is read on that has gone round too fast."""
_LINE = 256
_KEEPS = 4
"""How often a screen is saved while its ring goes round once."""
_HALF = 4096
"""Bytes after which the second half of anything is over."""
_BEGINNING = re.compile(rb"[\n\x1b]")
_BREAK_OFF = b"\x18"


class _Size(NamedTuple):
    offset: int
    cols: int
    rows: int


class Tap(Protocol):
    """Somebody who listens in: every byte of output comes by once, masked, with its offset."""

    def look(self, offset: int, screen: Screen) -> None:
        """The screen shows all output before `offset`, and more is about to come."""
        ...

    def hear(self, offset: int, clear: bytes) -> None: ...

    def resized(self, cols: int, rows: int) -> None: ...


class Sight:
    """Goes on in small steps, so that nobody waits long while the screen of another session is brought up to date."""

    def __init__(self, ring: Ring, cols: int, rows: int, secrets: tuple[str, ...], keep: Path | None = None) -> None:
        self.ring = ring
        self.screen = Screen(cols, rows)
        self._secrets = secrets
        self._sizes: deque[_Size] = deque()
        self._read = ring.tail
        self._amid = self._read > 0
        self._todo = b""
        self._keep = keep
        self._kept = 0
        self.tap: Tap | None = None
        self.shelves: str | None = None
        if keep and (kept := load(keep)):
            self._begin_with(kept)
        self._masker = self._masker_at(self._read)

    @property
    def behind(self) -> int:
        return self.ring.head - self._read

    @property
    def offset(self) -> int:
        """Up to where the screen shows the output, when nothing is left to do: the next byte that a viewer needs."""
        return self._read - self._masker.held

    @property
    def shown(self) -> Screen | None:
        """The screen, if it shows all output before `offset`."""
        return None if self._todo else self.screen

    def resize(self, offset: int, cols: int, rows: int) -> None:
        self._sizes.append(_Size(offset, cols, rows))

    def step(self, until: int) -> bool:
        """Come a step nearer to byte `until`; return whether it is reached."""
        if self._todo:
            self.screen.feed(self._todo[:SLICE])
            self._todo = self._todo[SLICE:]
        else:
            self._take_sizes()
            if self._read < until:
                self._take()
        if self._todo:
            return False
        self._take_sizes()
        if self._keep and self.offset - self._kept >= self.ring.capacity // _KEEPS:
            self._save(self._keep)
        return self._read >= until

    def settle(self) -> None:
        """Show also what may be the beginning of a secret, if it is too short to tell anything."""
        if self._masker.held < SHORTEST:
            start = self.offset
            self.screen.feed(rest := self._masker.flush())
            self._tell(start, rest)

    def finish(self) -> None:
        """There is no more output. What may be the beginning of a secret is kept as one."""
        self.settle()
        start, held = self.offset, self._masker.held
        self._masker.flush()
        self._tell(start, b"*" * held)

    def close(self, *, forget: bool = False) -> None:
        self.ring.close()
        if forget and self._keep:
            self._keep.unlink(missing_ok=True)

    def retell(self, start: int) -> None:
        """Tell the tap what it has not heard of what the screen shows already, as far as the ring has it.

        Read a little further: whether the last bytes are a secret is decided by those after them.
        """
        masker = self._masker_at(start)
        at, end = start, min(self.ring.head, self._read + masker.longest)
        try:
            while at < end and start < self._read:
                data = self.ring.read(at, min(TAKE, end - at))
                at += len(data)
                clear = masker.mask(data)[: self._read - start]
                self._tell(start, clear)
                start += len(clear)
        except Overwritten:
            return  # which the tap finds out when it hears the next

    def start_over(self) -> None:
        """Forget what the screen showed: it cannot be kept."""
        self.screen = Screen(self.screen.cols, self.screen.rows)
        self._todo = b""
        self._amid = True

    def recent(self, lines: int) -> tuple[str, ...]:
        """The last lines of output, whatever the screen shows."""
        size = min(SLICE + _LINE * lines, self._stretch)
        start = max(self.ring.tail, self.ring.head - size)
        try:
            data = self.ring.read(start, size)
        except Overwritten:
            return ()  # it goes round faster than it can be copied: nobody could read that
        masker = Masker(self._secrets)
        return recent(masker.mask(_from_beginning(data) if start else data) + masker.flush(), lines)

    def _tell(self, start: int, clear: bytes) -> None:
        if self.tap and clear:
            self.tap.hear(start, clear)

    def _masker_at(self, offset: int) -> Masker:
        """Return a masker that knows what came before, as far as it is there: a secret may have begun in it."""
        masker = Masker(self._secrets)
        start = max(self.ring.tail, offset - masker.longest)
        try:
            masker.mask(self.ring.read(start, max(0, offset - start)))
        except Overwritten:
            return masker
        masker.flush()
        return masker

    def _begin_with(self, kept: Kept) -> None:
        """Go on where an earlier scribe was. What has been overwritten since is lost, but not which modes are on."""
        if kept.offset > self.ring.head:
            return
        self._amid = kept.offset < self.ring.tail
        self._read = max(kept.offset, self.ring.tail)
        self._kept = kept.offset
        cols, rows = self.screen.cols, self.screen.rows
        self.screen = Screen(kept.cols, kept.rows)
        self.screen.feed(kept.drawing)
        if self._amid:
            self.screen.feed(_BREAK_OFF)
        self.screen.resize(cols, rows)

    def _save(self, path: Path) -> None:
        self._kept = self.offset
        try:
            save(path, Kept(self.offset, self.screen.cols, self.screen.rows, self.screen.draw()))
        except OSError as error:  # a full disk must not cost the screen
            log.warning("event=screen_not_kept reason=%r", str(error))

    @property
    def _stretch(self) -> int:
        """As much of the ring as will not be overwritten at once."""
        return min(_STRETCH, self.ring.capacity // 2)

    def _take(self) -> None:
        if self.tap:
            self.tap.look(self.offset, self.screen)
        limit = min(TAKE, self._sizes[0].offset - self._read) if self._sizes else TAKE
        try:
            data = self.ring.read(self._read, limit)
        except Overwritten:
            self._skip()
            return
        start = self.offset
        self._read += len(data)
        clear = self._masker.mask(data)
        if self._amid:
            whole, clear = clear, _from_beginning(clear)
            self._amid = not clear
            start += len(whole) - len(clear)
        self._tell(start, clear)
        self._todo = clear if self.screen.skips else squeeze(self.screen.take_back() + clear, self.screen)

    def _skip(self) -> None:
        """Output is lost: the ring went round before we came. What the screen shows is right again once it is new."""
        self._read = max(self.ring.tail, self.ring.head - self._stretch)
        self._amid = True
        self._masker = self._masker_at(self._read)
        self.screen.feed(_BREAK_OFF)

    def _take_sizes(self) -> None:
        while self._sizes and self._sizes[0].offset <= self._read:
            _, cols, rows = self._sizes.popleft()
            self.screen.resize(cols, rows)
            if self.tap:
                self.tap.resized(cols, rows)


def _from_beginning(data: bytes) -> bytes:
    """Output that began long before: leave out what may be the second half of something."""
    found = _BEGINNING.search(data, 0, _HALF)
    return data[found.start() if found else _HALF :]
