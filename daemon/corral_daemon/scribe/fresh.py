"""Where in a stretch of output the screen begins anew, so that nothing of what was on it before is left. Pure.

Two things make a screen new: it is cleared and the cursor is put somewhere, or so many lines follow each other that
the last of them fill it. The second takes counting, as programs go up again to write over their last lines. Let f be
the line feeds minus the lines gone up since some point. Where f is higher than ever before, and at least a screenful,
the cursor is in the last line: further moves down, or moves up that end at the top, bring it there sooner, not later.
From there on each line feed that takes f higher still scrolls. So what follows the place where f was a screenful below
its highest makes up the screen by itself.
"""

import re
from typing import NamedTuple

BOTTOM = b"\x1b[9999B\r"
"""Puts the cursor where lines that fill the screen expect it."""

_SOFT = rb"\x1b\[(?:[0-9;:]*m|\?(?:1|25|2004|2026)[hl]|3J)"
"""What neither moves the cursor nor changes a cell."""
_HOMED = re.compile(rb"\x1b\[(?:0?1?(?:;0?1?)?)H(?:" + _SOFT + rb")*\Z")
_PLACED = re.compile(rb"\x1b\[2J(?:" + _SOFT + rb")*\x1b\[[0-9;]{0,20}H")
_LOOK_BACK = 200
_TRIES = 16
_UP_OR_WILD = re.compile(
    # Not what can neither move the cursor up nor what is on the screen down …
    rb"\x1b(?!\[[0-9;:]*+[mKGCDPXJBESMIZabcehlnt@`]|\[[<=>?][0-9;:]*+[@-~]|\[[0-9;]*+ q|[=>\\DE]|[()][0AB12]"
    rb"|\][^\x07\x18\x1a\x1b\n]*+(?:\x07|(?=\x1b))|[PX^_][^\x18\x1a\x1b\n]*+(?=\x1b))"
    # … but going up, and everything else.
    rb"(?:\[(?P<up>[0-9]{0,4})A|\][^\x07\x18\x1a\x1b]*+|[PX^_][^\x18\x1a\x1b]*+)?"
)
_WINDOWS = (1 << 16, 1 << 20, 1 << 62)
"""How much of the end is looked at. Nearly always the first will do."""


class _Run(NamedTuple):
    """Output between two moves up. `level`: f where it begins; `best`: the highest f before; `lines`: line feeds."""

    start: int
    end: int
    level: int
    best: int
    lines: int


def cleared(data: bytes, start: int, end: int, *, origin: bool) -> int | None:
    """Return where the last clearing of the screen begins. `origin`: home may not be the first line."""
    found = (_cleared_by(kind, data, start, end) for kind in (b"2J", *(() if origin else (b"J", b"0J"))))
    return max((place for place in found if place is not None), default=None)


def _cleared_by(kind: bytes, data: bytes, start: int, end: int) -> int | None:
    for _ in range(_TRIES):
        end = data.rfind(b"\x1b[" + kind, start, end)
        if end < 0:
            return None
        before = data[max(start, end - _LOOK_BACK) : end]
        if homed := _HOMED.search(before):
            return end - len(before) + homed.start()
        if _PLACED.match(data, end):
            return end
    return None


def filled(data: bytes, start: int, end: int, rows: int) -> int | None:
    """Return where the lines begin that fill a screen of which all scrolls; the cursor is in the last line there."""
    if data.count(b"\n", start, end) < rows:
        return None
    for window in _WINDOWS:
        first = max(start, end - window)
        escape = data.rfind(b"\x1b", start, first)  # only there does something begin for sure
        first = escape if escape >= 0 else first
        if (place := _filled(data, _runs(data, first, end), rows)) is not None or first == start:
            return place
    return None


def _runs(data: bytes, start: int, end: int) -> list[_Run]:
    """The output after the last sequence that does what it likes."""
    runs: list[_Run] = []
    level = best = 0
    for match in _UP_OR_WILD.finditer(data, start, end):
        lines = data.count(b"\n", start, match.start())
        runs.append(_Run(start, match.start(), level, best, lines))
        best = max(best, level + lines)
        level += lines
        start = match.end()
        if match["up"] is None:
            runs, level, best = [], 0, 0
        else:
            level -= max(1, int(match["up"] or 1))
    return [*runs, _Run(start, end, level, best, data.count(b"\n", start, end))]


def _filled(data: bytes, runs: list[_Run], rows: int) -> int | None:
    highest = max(run.level + run.lines for run in runs)
    for run in reversed(runs):
        reached = min(run.level + run.lines, highest - rows)
        lowest = max(run.best + 1, rows)
        if reached >= lowest:
            return _after_line(data, run, reached - run.level, reached - lowest)
    return None


def _after_line(data: bytes, run: _Run, number: int, spare: int) -> int | None:
    """Return where line feed `number` of the run ends, or one of at most `spare` before it, if it follows a return."""
    place = run.end
    for _ in range(run.lines - number + 1):
        place = data.rfind(b"\n", run.start, place)
    for _ in range(min(spare, _TRIES) + 1):
        if place <= run.start or data[place - 1] == 13:
            break
        place = data.rfind(b"\n", run.start, place)
    return place + 1 if place > run.start and data[place - 1] == 13 else None
