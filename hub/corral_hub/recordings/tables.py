"""Rows of recordings: their segments, and the sum of each."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from corral_hub.db.metadata import metadata
from corral_protocol.vocabulary import RecordingState

# One row a session, kept with its segments: what people ask and what retention looks at costs no look at those.
recordings = Table(
    "recordings",
    metadata,
    Column("session_id", Uuid, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("first", Integer, nullable=False),
    Column("segments", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("until_offset", BigInteger, nullable=False),
    Column("skipped", BigInteger, nullable=False),
    Column("gaps", Integer, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(f"state in ({', '.join(repr(word.value) for word in RecordingState)})", name="state"),
    Index("ix_recordings_oldest", "updated_at"),
)

# `data` is compressed already: the migration tells PostgreSQL not to try.
recording_segments = Table(
    "recording_segments",
    metadata,
    Column("session_id", Uuid, ForeignKey("recordings.session_id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("from_offset", BigInteger, nullable=False),
    Column("until_offset", BigInteger, nullable=False),
    Column("cols", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("skipped", BigInteger, nullable=False),
    Column("entry", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("stored_at", DateTime(timezone=True), nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("session_id", "number"),
    CheckConstraint("from_ms <= until_ms and from_offset <= until_offset", name="ordered"),
    Index("ix_recording_segments_oldest", "stored_at"),
    Index("ix_recording_segments_entry", "session_id", "from_ms", postgresql_where=text("entry")),
)
