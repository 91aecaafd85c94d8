"""What a node says while it runs: lines without secrets, and not without end. Pure."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from corral_daemon.masking import Masker
from corral_daemon.storable import readable

MOST_LINES = 5_000
LONGEST_LINE = 2_000
MOST_TEXT = 200 * (LONGEST_LINE + 2)
"""Characters of all lines that wait; the newest are kept."""


@dataclass(frozen=True, slots=True)
class Page:
    """Lines that follow each other. `first`: the number of the first, from 1. `dropped`: those before it, gone."""

    first: int
    lines: tuple[str, ...]
    dropped: int


class Journal:
    """The newest lines that nobody has taken yet; how many were let go is said in their place."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secrets)
        self._lines: deque[str] = deque()
        self._size = 0
        self._written = 0
        self._dropped = 0
        self.taken = 0

    def write(self, text: str) -> None:
        for line in str(text).splitlines():
            self._add(self.clean(line))

    @property
    def waits(self) -> bool:
        return bool(self._lines)

    @property
    def is_filling(self) -> bool:
        """Whether it is time to take what waits, or some of it is lost soon."""
        return self._size > MOST_TEXT // 4 or len(self._lines) > MOST_LINES // 4

    def take(self) -> Page:
        """Return what waits; it waits no more."""
        lines, dropped = tuple(self._lines), self._dropped
        self._lines.clear()
        self._size = self._dropped = 0
        self.taken += len(lines)
        return Page(self._written - len(lines) + 1, lines, dropped)

    def lines(self) -> tuple[str, ...]:
        """Return all lines of a journal that nothing was taken from."""
        gone = self._dropped
        return (f"… {gone} lines before this were not kept", *self._lines) if gone else tuple(self._lines)

    def clean(self, line: str) -> str:
        """Return a line as it may leave the machine."""
        masker = Masker(self._secrets)
        masked = masker.mask(line.encode("utf-8", "replace")) + masker.flush()
        text = readable(masked.decode("utf-8", "replace"))
        return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} …"

    def _add(self, line: str) -> None:
        self._lines.append(line)
        self._size += len(line)
        self._written += 1
        while self._size > MOST_TEXT or len(self._lines) > MOST_LINES:
            self._size -= len(self._lines.popleft())
            self._dropped += 1
