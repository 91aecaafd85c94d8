"""A recording as it comes: lines of asciicast v2 → events. Pure."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

LONGEST = 64 << 20
"""Bytes of one line."""


class NotACast(ValueError):
    """What came is no recording."""


class Event(NamedTuple):
    """`at`: seconds. `code`: o for output, r for a new size, m for a mark; there may be others."""

    at: float
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Header:
    cols: int
    rows: int
    title: str


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut at line feeds, and nowhere else: output may hold whatever else ends a line. Raises NotACast."""
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        *whole, rest = piece.split(b"\n")
        for end in whole:
            yield b"".join((*parts, end))
            parts, size = [], 0
        parts.append(rest)
        size += len(rest)
        if size > LONGEST:
            raise NotACast(f"a line is longer than {LONGEST} bytes")
    if last := b"".join(parts):
        yield last


def read_header(line: bytes) -> Header:
    """Raises NotACast."""
    value = _parse(line)
    if not isinstance(value, dict) or value.get("version") != 2:
        raise NotACast("the first line is no header of asciicast v2")
    cols, rows = value.get("width"), value.get("height")
    if not (isinstance(cols, int) and isinstance(rows, int) and cols > 0 and rows > 0):
        raise NotACast("the header names no size")
    title = value.get("title")
    return Header(cols, rows, title if isinstance(title, str) else "")


def read_event(line: bytes) -> Event:
    """Raises NotACast."""
    match _parse(line):
        case [float() | int() as at, str() as code, str() as text] if at >= 0:
            return Event(float(at), code, text)
        case _:
            raise NotACast("a line is no event")


def _parse(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise NotACast(f"a line is no JSON: {error}") from error
