"""Recordings → the JSON that people and agents read. Pure."""

from collections.abc import Mapping
from typing import Annotated, Any

from typing_extensions import TypedDict

from corral_hub.answers import Id, Moment, WordOf
from corral_hub.recordings.model import Recording
from corral_hub.sessions.model import Session
from corral_hub.text import stamp
from corral_protocol.vocabulary import RecordingState


class RecordingView(TypedDict):
    """What there is of a session's recording; times in seconds since the session began."""

    session_id: Id
    session_name: str
    recording: bool
    state: Annotated[str, WordOf(RecordingState)] | None
    complete: bool
    begins: float
    duration: float
    size: int
    segments: int
    output_bytes: int
    skipped_bytes: int
    gaps: int
    updated_at: Moment | None


class SegmentView(TypedDict):
    """A piece of a recording. One with `entry` begins with the whole screen: playing may begin there."""

    number: int
    begins: float
    ends: float
    from_offset: int
    until_offset: int
    cols: int
    rows: int
    skipped_bytes: int
    entry: bool
    state: Annotated[str, WordOf(RecordingState)] | None
    size: int
    stored_at: Moment


class Segments(TypedDict):
    segments: list[SegmentView]
    next: int


def recording(session: Session, found: Recording | None) -> RecordingView:
    """Return what is known of a session's recording; `state` is null as long as there is nothing of it.

    `recording`: whether what it prints from now on is to be recorded. `complete`: all of it until its end is here.
    """
    about: RecordingView = {
        "session_id": str(session.id), "session_name": session.name, "recording": session.live and session.record,
        "state": None, "complete": False, "begins": 0.0, "duration": 0.0, "size": 0, "segments": 0, "output_bytes": 0,
        "skipped_bytes": 0, "gaps": 0, "updated_at": None,
    }  # fmt: skip
    if found is None:
        return about
    return {
        **about, "state": found.state.value, "complete": found.state is RecordingState.ENDED and found.first == 0,
        "begins": found.from_ms / 1000, "duration": found.until_ms / 1000, "size": found.size,
        "segments": found.segments, "output_bytes": found.until_offset, "skipped_bytes": found.skipped,
        "gaps": found.gaps, "updated_at": stamp(found.updated_at),
    }  # fmt: skip


def segment(row: Mapping[str, Any]) -> SegmentView:
    return {
        "number": row["number"],
        "begins": row["from_ms"] / 1000,
        "ends": row["until_ms"] / 1000,
        "from_offset": row["from_offset"],
        "until_offset": row["until_offset"],
        "cols": row["cols"],
        "rows": row["rows"],
        "skipped_bytes": row["skipped"],
        "entry": row["entry"],
        "state": row["state"],
        "size": row["size"],
        "stored_at": stamp(row["stored_at"]),
    }
