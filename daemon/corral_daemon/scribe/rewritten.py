"""Where a stretch of output writes whole lines of the screen anew, so that what was in them before is gone. Pure.

Full-screen programs draw in place: they put the cursor into a line, write, erase the rest. Such a *stroke*, from one
placing of the cursor to the next, stays in its line if it does nothing but print, no further than to the last column,
and erase in it. A line that a stroke covers from end to end owes nothing to earlier strokes; a row of strokes that
covers all lines makes the whole screen new.

This counts cells from above: a character takes one if it is surely narrow, else perhaps two.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from corral_daemon.scribe.runs import NARROW
from corral_daemon.scribe.style import SGR_RESET

_QUIET = rb"\x1b\[(?:[0-9;:]{0,64}m|\?(?:1|25|2004|2026)[hl])"
"""What neither moves the cursor nor changes a cell."""
_STROKE = re.compile(
    rb"\x1b\[(?P<row>[0-9]{0,4})(?:;(?P<col>[0-9]{0,4}))?H(?P<body>(?:[^\x00-\x1f\x7f]++|"
    + _QUIET
    + rb"|\x1b\[[012]?K)*+)"
)
_SEQUENCE = re.compile(rb"\x1b\[[0-9;:?]*[A-Za-z]")
_STYLE = re.compile(rb"\x1b\[[0-9;:]*m")
_MODE = re.compile(rb"\x1b\[\?[0-9]+[hl]")
_WINDOW = 1 << 16
"""How much of the end is looked at for a whole drawing."""
_SAMPLE = 1 << 14
"""So much is thinned first: where nothing is won there, the rest is left as it is."""
_WON = 0.6


class Stroke(NamedTuple):
    """`whole`: nothing that was in its line before is left."""

    start: int
    end: int
    row: int
    whole: bool


def redrawn(data: bytes, start: int, end: int, size: tuple[int, int]) -> int | None:
    """Return the last place from which on every line of the screen is written anew, before anything else happens."""
    first = max(start, data.find(b"\x1b", max(start, end - _WINDOW), end))
    if data.count(b"H", first, end) < size[1]:
        return None
    for strokes in reversed(list(_series(data, first, end, size))):
        if (place := _covered(strokes, size[1])) is not None:
            return place
    return None


def thinned(data: bytes, start: int, end: int, size: tuple[int, int]) -> Iterator[bytes]:
    """Yield that part of the output without the strokes of which nothing is left."""
    middle = data.find(b"\x1b", start + _SAMPLE, end)
    if middle < 0:
        yield from _thinned(data, start, end, size)
        return
    sample = b"".join(_thinned(data, start, middle, size))
    yield sample
    if len(sample) < _WON * (middle - start):
        yield from _thinned(data, middle, end, size)
    else:
        yield data[middle:end]


def _thinned(data: bytes, start: int, end: int, size: tuple[int, int]) -> Iterator[bytes]:
    at = start
    for strokes in _series(data, start, end, size):
        yield data[at : strokes[0].start]
        yield from _kept(data, strokes)
        at = strokes[-1].end
    yield data[at:end]


def _series(data: bytes, start: int, end: int, size: tuple[int, int]) -> Iterator[list[Stroke]]:
    """Strokes that follow each other with nothing between."""
    strokes: list[Stroke] = []
    for match in _STROKE.finditer(data, start, end):
        stroke = _stroke(match, size)
        if strokes and (stroke is None or stroke.start != strokes[-1].end):
            yield strokes
            strokes = []
        if stroke is not None:
            strokes.append(stroke)
    if strokes:
        yield strokes


def _stroke(match: "re.Match[bytes]", size: tuple[int, int]) -> Stroke | None:
    """None if it might leave its line."""
    cols, rows = size
    body = match["body"]
    row = min(max(int(match["row"] or b"1"), 1), rows)
    col = min(max(int(match["col"] or b"1"), 1), cols)
    whole = b"\x1b[2K" in body or (col == 1 and (b"\x1b[K" in body or b"\x1b[0K" in body))
    if not whole or col - 1 + len(body) > cols:  # no character takes more cells than it has bytes
        cells = _cells(_SEQUENCE.sub(b"", body))
        if col - 1 + cells > cols:
            return None
        whole = whole or (
            col == 1 and cells == cols and b"\x1b[1K" not in body and NARROW.fullmatch(_text(body)) is not None
        )
    return Stroke(match.start(), match.end(), row, whole)


def _cells(text: bytes) -> int:
    """How many it takes at most."""
    if text.isascii():
        return len(text)
    said = text.decode("utf-8", "replace")
    return len(said) if NARROW.fullmatch(said) else 2 * len(said)


def _text(body: bytes) -> str:
    return _SEQUENCE.sub(b"", body).decode("utf-8", "replace")


def _covered(strokes: list[Stroke], rows: int) -> int | None:
    missing = set(range(1, rows + 1))
    for stroke in reversed(strokes):
        if stroke.whole:
            missing.discard(stroke.row)
        if not missing:
            return stroke.start
    return None


def _kept(data: bytes, strokes: list[Stroke]) -> Iterator[bytes]:
    covered: set[int] = set()
    live: list[bool] = []
    for stroke in reversed(strokes):
        live.append(stroke.row not in covered)
        if stroke.whole:
            covered.add(stroke.row)
    quiet = _Quiet()
    for stroke, lives in zip(strokes, reversed(live), strict=True):
        said = data[stroke.start : stroke.end]
        if lives:
            yield from quiet.pop()
            yield said
        else:
            quiet.add(said)
    yield from quiet.pop()


class _Quiet:
    """What strokes that are left out have switched for good."""

    def __init__(self) -> None:
        self._styles: list[bytes] = []
        self._modes: dict[bytes, bytes] = {}

    def add(self, said: bytes) -> None:
        for style in _STYLE.findall(said):
            if style in SGR_RESET:
                self._styles.clear()
            self._styles.append(style)
        for mode in _MODE.findall(said):
            self._modes[mode[:-1]] = mode

    def pop(self) -> Iterator[bytes]:
        yield from self._styles
        yield from self._modes.values()
        self._styles.clear()
        self._modes.clear()
