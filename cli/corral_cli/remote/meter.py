"""How far a transfer is: a line on stderr, for a person who is looking."""

import sys

from corral_cli import clock
from corral_cli.text import clean, format_duration

_EVERY = 0.1
_WIDTH = 24
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


class Meter:
    """`what` is said in front: `pushing model.bin`."""

    def __init__(self, what: str, size: int) -> None:
        self._what = clean(what)[:40]
        self._size = size
        self._done = self._moved = 0
        self._begun = clock.monotonic()
        self._shown = 0.0
        self._looking = sys.stderr.isatty()

    def skip(self, count: int) -> None:
        """So much was there already."""
        self._done = count

    def moved(self, count: int) -> None:
        self._done += count
        self._moved += count
        now = clock.monotonic()
        if self._looking and now - self._shown >= _EVERY:
            self._shown = now
            sys.stderr.write(f"\r\x1b[K{bar_line(self._what, self._done, self._size, self._moved, now - self._begun)}")
            sys.stderr.flush()

    def end(self) -> None:
        if self._looking and self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def bar_line(what: str, done: int, size: int, moved: int, seconds: float) -> str:
    """Return `pushing x  [####----]  42%  12.3 MiB  3.1 MiB/s  7s left`."""
    share = min(1.0, done / size) if size else 1.0
    filled = round(share * _WIDTH)
    rate = moved / seconds if seconds > 0.001 else 0.0
    left = f"  {format_duration((size - done) / rate)} left" if rate and done < size else ""
    bar = "#" * filled + "-" * (_WIDTH - filled)
    return f"{what}  [{bar}] {share:4.0%}  {amount(done)}  {amount(rate)}/s{left}"


def amount(count: float) -> str:
    """Return bytes as people read them."""
    for unit in _UNITS[:-1]:
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} {_UNITS[-1]}"
