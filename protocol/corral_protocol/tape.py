"""What a segment of a recording is made of: events with their time, as bytes. Pure.

An event is `kind` (1 byte), `at` (milliseconds since the session's start, 6 bytes), length (4), big-endian, then its
data. Output stays bytes: what is no UTF-8 must not get lost where it is kept, only where a text format shows it.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from struct import Struct
from typing import NamedTuple

from corral_protocol.codec import Malformed

_HEAD = Struct(">BHII")
_SIZE = Struct(">HH")
_COUNT = Struct(">Q")
LATEST = (1 << 48) - 1


class Kind(IntEnum):
    OUTPUT = 1
    """Bytes of output, masked."""
    RESIZE = 2
    """The window has another size from here on."""
    GAP = 3
    """Output that is not here: how many bytes, and a word that says why."""
    DRAWING = 4
    """What makes a new terminal look like the session's at this place. No part of the output."""


class Event(NamedTuple):
    kind: Kind
    at: int
    data: bytes

    @property
    def length(self) -> int:
        """How many bytes of the session's output this stands for."""
        if self.kind is Kind.OUTPUT:
            return len(self.data)
        return read_gap(self.data)[0] if self.kind is Kind.GAP else 0


def output(at: int, data: bytes) -> Event:
    return Event(Kind.OUTPUT, at, data)


def resize(at: int, cols: int, rows: int) -> Event:
    return Event(Kind.RESIZE, at, _SIZE.pack(cols, rows))


def gap(at: int, length: int, why: str) -> Event:
    return Event(Kind.GAP, at, _COUNT.pack(length) + why.encode())


def drawing(at: int, data: bytes) -> Event:
    return Event(Kind.DRAWING, at, data)


def read_size(data: bytes) -> tuple[int, int]:
    """Return columns and rows. Raises Malformed."""
    if len(data) != _SIZE.size:
        raise Malformed("", f"a size has {_SIZE.size} bytes, not {len(data)}")
    cols, rows = _SIZE.unpack(data)
    return cols, rows


def read_gap(data: bytes) -> tuple[int, str]:
    """Return how many bytes are missing, and why. Raises Malformed."""
    if len(data) < _COUNT.size:
        raise Malformed("", f"a gap has at least {_COUNT.size} bytes, not {len(data)}")
    return _COUNT.unpack_from(data)[0], data[_COUNT.size :].decode("utf-8", "replace")


def pack(events: Iterable[Event]) -> bytes:
    return b"".join(
        part for kind, at, data in events for part in (_HEAD.pack(kind, at >> 32, at & 0xFFFFFFFF, len(data)), data)
    )


def unpack(data: bytes) -> Iterator[Event]:
    """Yield the events. Raises Malformed at the first that is none."""
    at = 0
    while at < len(data):
        if at + _HEAD.size > len(data):
            raise Malformed("", "the tape ends within an event")
        number, high, low, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if number not in _KINDS or at + length > len(data):
            raise Malformed("", f"no event of kind {number} and {length} bytes can be here")
        yield Event(_KINDS[number], (high << 32) | low, data[at : at + length])
        at += length


_KINDS = {int(kind): kind for kind in Kind}
