"""Recordings of terminal sessions: what hub and daemons say about them, and the segments they are sent in. Pure.

A segment is the same bytes in the daemon's file, in a frame of kind RECORDING and at the hub's door: a magic word, the
length of its label, the label as JSON, and the events (`tape.py`) compressed by zlib. The frame's `offset` is the
segment's number, its `channel` 0.
"""

import json
import zlib
from dataclasses import dataclass
from struct import Struct
from typing import ClassVar

from corral_protocol.codec import Malformed, decode, encode
from corral_protocol.vocabulary import RecordingState

MAGIC = b"CORTAPE1"
_LENGTH = Struct(">I")
LABEL_LIMIT = 4096
SEGMENT_LIMIT = 2 << 20
"""Bytes of a whole segment."""
TAPE_LIMIT = 4 << 20
"""Bytes of its events, unpacked."""
IN_FLIGHT = 4
"""Segments that a daemon may have sent without having heard of them."""
LAST = 1 << 62
SIZE_LIMIT = 64 << 20
"""Bytes of a recording, compressed, unless the hub says otherwise."""
LEVEL = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """hub → daemon: record this session, or do not; said after every connect. `limit`: compressed bytes at most."""

    TYPE: ClassVar = "session_record"
    session_id: str
    on: bool
    limit: int = SIZE_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingTaken:
    """hub → daemon: this segment is committed, or (`refused`: why) nobody wants it; either way it may be deleted."""

    TYPE: ClassVar = "recording_taken"
    session_id: str
    number: int
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The label. Times are milliseconds since the session's start, offsets bytes of its output.

    `entry`: a replay can begin here, with a drawing or with the empty screen of the beginning. `cols`, `rows`: the
    window's size at its beginning. `skipped`: bytes between the offsets that are not in it. `stored`: bytes of all
    segments up to this one, as sent. `state`: what the recording is after it.
    """

    session_id: str
    number: int
    from_ms: int
    until_ms: int
    from_offset: int
    until_offset: int
    cols: int
    rows: int
    skipped: int = 0
    gaps: int = 0
    entry: bool = False
    stored: int = 0
    state: RecordingState = RecordingState.ON

    def check(self) -> None:
        """Raise Malformed for what no recorder writes."""
        ordered = 0 <= self.from_ms <= self.until_ms < 1 << 48 and 0 <= self.from_offset <= self.until_offset <= LAST
        counted = 0 <= self.number < 1 << 31 and 0 <= self.skipped <= self.until_offset - self.from_offset
        sized = 1 <= self.cols <= 1000 and 1 <= self.rows <= 1000
        if not (ordered and counted and sized and 0 <= self.gaps < 1 << 31 and 0 <= self.stored <= LAST):
            raise Malformed("", "the label of the segment contradicts itself")


def seal(segment: Segment, body: bytes) -> bytes:
    """Return the whole segment; `body`: its events, compressed."""
    label = json.dumps(encode(segment), separators=(",", ":")).encode()
    return b"".join((MAGIC, _LENGTH.pack(len(label)), label, body))


def read_label(data: bytes) -> tuple[Segment, int]:
    """Return the label and where the body begins. Raises Malformed."""
    start = len(MAGIC) + _LENGTH.size
    if data[: len(MAGIC)] != MAGIC or len(data) < start:
        raise Malformed("", "this is no segment of a recording")
    (length,) = _LENGTH.unpack_from(data, len(MAGIC))
    if length > LABEL_LIMIT or start + length > len(data):
        raise Malformed("", f"the label of the segment has {length} bytes")
    try:
        label = json.loads(data[start : start + length])
    except (ValueError, RecursionError) as error:
        raise Malformed("", f"the label of the segment is no JSON: {error}") from error
    segment = decode(Segment, label)
    segment.check()
    return segment, start + length


def compress(tape: bytes) -> bytes:
    return zlib.compress(tape, LEVEL)


def expand(body: bytes) -> bytes:
    """Return the events of a body, as bytes. Raises Malformed for what is none or too large."""
    unpacker = zlib.decompressobj()
    try:
        tape = unpacker.decompress(body, TAPE_LIMIT)
    except zlib.error as error:
        raise Malformed("", f"the segment cannot be unpacked: {error}") from error
    if not unpacker.eof:
        raise Malformed("", "the segment is cut off, or too large")
    return tape
