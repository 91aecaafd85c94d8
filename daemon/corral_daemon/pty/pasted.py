"""Which messages were pasted into a session, on the disk before it happens: a line a step, in the session's folder."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_FILE = "pasted"
_BEGUN, _DONE, _PUT_OFF = "begun", "done", "put-off"


@dataclass(slots=True)
class Record:
    """`tried`: those of which a paste was begun. Whether it reached the program, a daemon that died cannot tell.

    The methods wait for the disk and raise OSError.
    """

    path: Path
    tried: set[int]

    @classmethod
    def read(cls, folder: Path) -> "Record":
        path = folder / _FILE
        try:
            lines = path.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            lines = []
        return cls(path, tried(lines))

    def begin(self, deliveries: Iterable[int]) -> None:
        self._write(_BEGUN, deliveries)

    def done(self, deliveries: Iterable[int]) -> None:
        self._write(_DONE, deliveries)

    def put_off(self, deliveries: Iterable[int]) -> None:
        """Not a byte of it was typed."""
        self._write(_PUT_OFF, deliveries)

    def _write(self, word: str, deliveries: Iterable[int]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = [f"{word} {delivery}" for delivery in deliveries]
        with self.path.open("a", encoding="ascii") as file:
            file.write("".join(f"{line}\n" for line in written))
            file.flush()
            os.fsync(file.fileno())
        self.tried = _after(self.tried, written)


def tried(lines: Iterable[str]) -> set[int]:
    """Return the numbers whose last line does not say that nothing was typed. A line that was cut says nothing."""
    return _after(set(), lines)


def _after(before: set[int], lines: Iterable[str]) -> set[int]:
    numbers = set(before)
    for line in lines:
        word, _, number = line.partition(" ")
        if number.isdecimal() and word in (_BEGUN, _DONE, _PUT_OFF):
            (numbers.discard if word == _PUT_OFF else numbers.add)(int(number))
    return numbers
