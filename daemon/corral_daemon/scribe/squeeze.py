"""Output that need not be shown step by step, made short: it leads to the same screen. Pure.

Of a long stretch only two things matter: what it switches for good (modes, style, character sets, title …), and from
where on the screen is new: cleared or filled (`fresh`), or drawn anew line by line (`rewritten`). So the switches
before that place are said once each, and the rest is kept, but for lines that are written over again there. The result
does to the given terminal what the whole would do, and at worst is the whole. It is not made shorter where a program
goes up again and again to write over the last few lines; nor where a sequence is broken by other controls, which no
program does that means well.

What depends on where the cursor is or on what was before (saving and restoring the cursor, tab stops, the alternate
screen, stacks of modes) is kept as it is; what lies between is made short piece by piece.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from corral_daemon.scribe.fresh import BOTTOM, cleared, filled
from corral_daemon.scribe.reading import LONGEST, LONGEST_SEQUENCE
from corral_daemon.scribe.rewritten import redrawn, thinned
from corral_daemon.scribe.terminal import INSERT, ORIGIN, WRAP, Terminal

WORTH_IT = 4096
"""Bytes below which feeding is as quick."""
_SAID = (
    rb"\x1b(?!\[(?:[0-9;:]*+[mABCDGHJKX]|\?2026[hl]))"  # most of all sequences, ruled out first
    rb"(?:\[(?:(?P<csi>[0-9;:]*+(?:[hlrsug]|!p| q)|\?[0-9;:]*+[hl]|[<=>][0-9;:]*+[mu])"
    rb"|(?P<odd>[ -?]*+[\x00-\x17\x19\x1c-\x1f\x7f]))"
    rb"|(?P<sign>[=>]|[()][0AB12])"
    rb"|(?P<anchor>[78Hc])"
    rb"|(?P<title>\][02];[^\x07\x18\x1a\x1b]*+(?:\x07|(?=\x1b)))"
    rb"|(?P<string>\][^\x07\x18\x1a\x1b]*+|[PX^_][^\x18\x1a\x1b]*+))"
)
_WITHOUT_SHIFTS = re.compile(_SAID)
_WITH_SHIFTS = re.compile(_SAID + rb"|(?P<shift>[\x0e\x0f])")
_FAR = 1 << 12
"""Bytes after which it is worth the time to look whether lines have filled the screen since."""
_STYLE = re.compile(rb"\x1b\[[0-9;:]*m")
_UNFINISHED = re.compile(rb"\x1b(?:[ -/]*|\[[\x00-\x17\x19\x1c-\x3f\x7f]*|\][^\x07\x18\x1a]*|[PX^_][^\x18\x1a]*)")
_KEEPS_CURSOR, _SWITCH_SCREENS, _ORIGIN, _INSERT = 1048, frozenset({47, 1047, 1049}), 6, 4
_NOTHING, _TITLE = b"", b"title"
_CONTROLS = bytes((*range(0x20), 0x7F))


class _Said(NamedTuple):
    """A switch. `about`: whatever is said later about the same undoes it."""

    start: int
    end: int
    about: bytes


class _Piece(NamedTuple):
    """Output between two things that have to stay. `scrolls`: at its end surely all of the screen does."""

    start: int
    end: int
    said: list[_Said]
    scrolls: bool


class _Unsure(Exception):
    """What this does can only be known by doing it."""


def squeeze(data: bytes, terminal: Terminal) -> bytes:
    """Return output that does to the terminal what `data` would do. It must begin outside of any sequence."""
    if len(data) < WORTH_IT:
        return data
    if (plain := _plain(data, terminal)) is not None:
        return plain
    try:
        pieces = list(_pieces(data, terminal))
    except _Unsure:
        return data
    switched = {said.about for piece in pieces for said in piece.said}
    origin = ORIGIN in terminal.modes or any(map(_is_origin, switched))
    inserts = INSERT in terminal.modes or any(map(_is_insert, switched))
    size = None if origin or inserts else (terminal.cols, terminal.rows)
    short: list[bytes] = []
    at = 0
    for piece in pieces:
        short += (data[at : piece.start], _shorter(data, piece, terminal.rows, size, origin=origin))
        at = piece.end
    return b"".join((*short, data[at:]))


def _plain(data: bytes, terminal: Terminal) -> bytes | None:
    """Return the two ends of what is nothing but narrow letters without an end; what lies between is scrolled away."""
    if not data.isascii() or len(data.translate(None, _CONTROLS)) < len(data):
        return None
    wraps = WRAP in terminal.modes and INSERT not in terminal.modes and not terminal.buffer.bounded
    surplus = len(data) - (terminal.rows + 1) * terminal.cols
    if not wraps or surplus <= terminal.cols:
        return None
    return data[: terminal.cols + surplus % terminal.cols] + data[terminal.cols + surplus :]


def _pieces(data: bytes, terminal: Terminal) -> Iterator[_Piece]:
    """Raises _Unsure."""
    last = data.rfind(b"\x1b")
    end = last if last >= 0 and _UNFINISHED.fullmatch(data, last) else len(data)
    grammar = _WITH_SHIFTS if b"\x0e" in data or b"\x0f" in data else _WITHOUT_SHIFTS
    region = _Region(terminal)
    start, said = 0, list[_Said]()
    for match in grammar.finditer(data, 0, end):
        about = _ABOUT[match.lastgroup or ""](match[0])
        if about is None:
            yield _Piece(start, match.start(), said, region.whole)
            start, said = match.end(), []
            region.switch(match[0])
        elif about != _NOTHING:
            said.append(_Said(match.start(), match.end(), about))
            if about[-1:] == b"r":
                region.set(match[0])
    yield _Piece(start, end, said, region.whole)


class _Region:
    """Whether all of the screen scrolls: one cannot tell from the output alone where the cursor is else."""

    def __init__(self, terminal: Terminal) -> None:
        self.whole = not terminal.buffer.bounded
        self._full = (b"\x1b[r", b"\x1b[1;%dr" % terminal.rows)
        self._alternate = terminal.alternate
        self._main = not terminal.main.bounded

    def set(self, sequence: bytes) -> None:
        self.whole = sequence in self._full

    def switch(self, sequence: bytes) -> None:
        """Follow what has to stay where it is."""
        body = sequence[2:]
        if sequence in (b"\x1bc", b"\x1b[!p"):
            self.whole = True
            self._alternate = self._alternate and sequence != b"\x1bc"
        elif body[:1] == b"?" and _numbers(body) & _SWITCH_SCREENS:
            if body[-1:] == b"h" and not self._alternate:
                self.whole, self._main, self._alternate = True, self.whole, True
            elif body[-1:] == b"l" and self._alternate:
                self.whole, self._alternate = self._main, False


def _shorter(data: bytes, piece: _Piece, rows: int, size: tuple[int, int] | None, *, origin: bool) -> bytes:
    """`size`: columns and rows, where lines can be followed."""
    whole = data[piece.start : piece.end]
    if len(whole) < WORTH_IT:
        return whole
    place, full = _begun(data, piece, rows, size, origin=origin)
    start = piece.start if place is None else place
    rest = thinned(data, start, piece.end, size) if size else (data[start : piece.end],)
    before = () if place is None else (*_switches(data, piece, place), BOTTOM if place == full else b"")
    short = b"".join((*before, *rest))
    return short if len(short) < len(whole) else whole


def _begun(
    data: bytes, piece: _Piece, rows: int, size: tuple[int, int] | None, *, origin: bool
) -> tuple[int | None, int | None]:
    """Return from where on the screen is new, and the same again if the cursor has to be put at the bottom there."""
    place = cleared(data, piece.start, piece.end, origin=origin)
    if size and (drawn := redrawn(data, piece.start if place is None else place, piece.end, size)) is not None:
        place = drawn
    start = piece.start if place is None else place
    if piece.scrolls and not origin and piece.end - start > _FAR:
        full = filled(data, start, piece.end, rows)
        return (place, None) if full is None else (full, full)
    return place, None


def _switches(data: bytes, piece: _Piece, place: int) -> Iterator[bytes]:
    """What is said before `place`, in its order, without what was undone."""
    last: dict[bytes, _Said] = {}
    for said in piece.said:
        if said.start < place:
            last.pop(said.about, None)
            last[said.about] = said
    for said in last.values():
        yield data[said.start : said.end]
        yield b"\x07" if said.about == _TITLE else b""  # it may have been ended by what is left out
    plain = max(data.rfind(b"\x1b[m", piece.start, place), data.rfind(b"\x1b[0m", piece.start, place), piece.start)
    styles = dict.fromkeys(reversed(_STYLE.findall(data, plain, place)))
    yield from reversed(styles)


def _about(sequence: bytes) -> bytes | None:
    """What a control sequence is about; nothing, if it does nothing; None, if it has to stay where it is."""
    return _about_body(sequence[2:])


@lru_cache(4096)
def _about_body(body: bytes) -> bytes | None:
    """Raises _Unsure."""
    final = body[-1:]
    if len(body) > LONGEST_SEQUENCE:
        return _NOTHING
    if final in b"hl":
        touched = _numbers(body) & {_KEEPS_CURSOR, *_SWITCH_SCREENS} if body[:1] == b"?" else frozenset[int]()
        if touched and b";" in body:
            raise _Unsure
        return None if touched else body[:-1]
    return {b"r": body, b"q": final, b"m": body}.get(final)


def _numbers(body: bytes) -> frozenset[int]:
    return frozenset(int(number.partition(b":")[0] or b"0") for number in body.strip(b"?hl").split(b";"))


def _is_origin(about: bytes) -> bool:
    return about[:1] == b"?" and _ORIGIN in _numbers(about)


def _is_insert(about: bytes) -> bool:
    return not about.translate(None, b"0123456789;:") and _INSERT in _numbers(about)


def _about_title(sequence: bytes) -> bytes:
    return _TITLE if len(sequence[1:].decode("utf-8", "replace")) < LONGEST else _NOTHING


def _odd(_: bytes) -> bytes:
    raise _Unsure


_ABOUT = {
    "csi": _about,
    "odd": _odd,
    "sign": lambda sequence: sequence[1:2],
    "anchor": lambda _: None,
    "title": _about_title,
    "string": lambda _: _NOTHING,
    "shift": lambda _: b"shift",
}
