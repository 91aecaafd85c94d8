"""Recordings → the JSON that people and agents read. Pure."""

from collections.abc import Mapping
from typing import Any

from corral_hub.recordings.model import Recording
from corral_hub.sessions.model import Session
from corral_hub.text import stamp

View = dict[str, Any]


def recording(session: Session, found: Recording | None) -> View:
    """Return what is known of a session's recording; `state` is null as long as there is nothing of it.

    `recording`: whether what it prints from now on is to be recorded. `complete`: all of it until its end is here.
    """
    about: View = {
        "session_id": str(session.id), "session_name": session.name, "recording": session.live and session.record,
        "state": None, "complete": False, "begins": 0.0, "duration": 0.0, "size": 0, "segments": 0, "output_bytes": 0,
        "skipped_bytes": 0, "gaps": 0, "updated_at": None,
    }  # fmt: skip
    if found is None:
        return about
    return about | {
        "state": found.state.value, "complete": found.state.value == "ended" and found.first == 0,
        "begins": found.from_ms / 1000, "duration": found.until_ms / 1000, "size": found.size,
        "segments": found.segments, "output_bytes": found.until_offset, "skipped_bytes": found.skipped,
        "gaps": found.gaps, "updated_at": stamp(found.updated_at),
    }  # fmt: skip


def segment(row: Mapping[str, Any]) -> View:
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
