"""A recording as the hub knows it: the sum of its segments."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from corral_protocol.recordings import Segment
from corral_protocol.vocabulary import RecordingState


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Times are milliseconds since the session's start, offsets bytes of its output. `size`: bytes in the database.

    `skipped`, `gaps`: output that was declared missing. `first`: the number of the oldest segment that is still here.
    """

    session_id: UUID
    state: RecordingState
    first: int
    segments: int
    size: int
    from_ms: int
    until_ms: int
    until_offset: int
    skipped: int
    gaps: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Arrived:
    """A segment as it came: its label, and the events, compressed."""

    session_id: UUID
    label: Segment
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What recordings may take: days they are kept, bytes of one and of all."""

    days: float
    each: int
    total: int
