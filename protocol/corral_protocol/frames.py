"""Binary frames: terminal bytes as they are, after a header of 13 bytes. Pure.

A frame is `kind` (1 byte), `channel` (4), `offset` (8), big-endian, then the payload. The hub gives every session that
somebody watches a channel number; daemons, hub and viewers all use the same one, so that a frame is passed on as it
came, without being taken apart. Offsets count the bytes of one session's output from 0 and never start again.
"""

from enum import IntEnum
from struct import Struct
from typing import NamedTuple

from corral_protocol.codec import Malformed

HEADER = Struct(">BIQ")
PAYLOAD_LIMIT = 1 << 16
"""Bytes of output in one frame: what a daemon reads before it sends, and what a viewer waits for at most."""


class Kind(IntEnum):
    OUTPUT = 1
    """Daemon → hub → viewer. `offset` is that of the first byte of the payload."""
    INPUT = 2
    """Viewer → hub → daemon: typed bytes. `offset` counts the bytes this viewer has typed before."""
    ACK = 3
    """Whoever consumes → whoever produces: everything before `offset` was taken. No payload.

    Said at the latest when PAYLOAD_LIMIT bytes are not acknowledged yet: a window may be as small as that. A snapshot
    is acknowledged by its `offset`.
    """
    SNAPSHOT = 4
    """Daemon → hub → viewer: bytes that draw the screen as it is at `offset`; the output goes on from there."""
    STDOUT = 5
    """Daemon → hub → caller: what a single command prints. See remote.py for the channels of these."""
    STDERR = 6
    STDIN = 7
    """Caller → hub → daemon: what a single command reads."""
    CHUNK = 8
    """A piece of a file, either way. `offset` is its place in the file."""
    RECORDING = 9
    """Daemon → hub: a segment of a recording (`recordings.py`). `channel` is 0, `offset` the segment's number."""


class Frame(NamedTuple):
    kind: Kind
    channel: int
    offset: int
    payload: bytes

    @property
    def end(self) -> int:
        """The offset after the payload of an OUTPUT frame."""
        return self.offset + len(self.payload)


def pack(kind: Kind, channel: int, offset: int, payload: bytes | memoryview = b"") -> bytes:
    """Return the frame's bytes."""
    return b"".join((HEADER.pack(kind, channel, offset), payload))


def read_header(data: bytes) -> tuple[Kind, int, int]:
    """Return (kind, channel, offset) without copying the payload. Raises Malformed."""
    if len(data) < HEADER.size:
        raise Malformed("", f"a binary frame has a header of {HEADER.size} bytes, this one has {len(data)} in all")
    number, channel, offset = HEADER.unpack_from(data)
    if number not in _KINDS:
        raise Malformed("", f"unknown kind of binary frame: {number}")
    return _KINDS[number], channel, offset


def unpack(data: bytes) -> Frame:
    """Return the frame. Raises Malformed."""
    kind, channel, offset = read_header(data)
    return Frame(kind, channel, offset, data[HEADER.size :])


_KINDS = {int(kind): kind for kind in Kind}
