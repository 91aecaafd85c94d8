"""What a node says while it runs: lines without secrets, and not without end. Pure."""

from collections import deque
from collections.abc import Iterable

from corral_daemon.masking import Masker
from corral_daemon.storable import readable

MOST_LINES = 200
LONGEST_LINE = 2_000


class Journal:
    """The newest lines; how many were let go is said in their place."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secrets)
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        self._written = 0

    def write(self, text: str) -> None:
        for line in str(text).splitlines():
            self._lines.append(self._clean(line))
            self._written += 1

    def lines(self) -> tuple[str, ...]:
        gone = self._written - len(self._lines)
        return (f"… {gone} lines before this were not kept", *self._lines) if gone else tuple(self._lines)

    def _clean(self, line: str) -> str:
        masker = Masker(self._secrets)
        masked = masker.mask(line.encode("utf-8", "replace")) + masker.flush()
        text = readable(masked.decode("utf-8", "replace"))
        return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} …"
