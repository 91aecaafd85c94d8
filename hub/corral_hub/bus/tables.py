"""The activity log: facts as they are kept, each with who did it."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from corral_hub.db.metadata import metadata

activity_log = Table(
    "activity_log",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("event_type", Text, nullable=False),
    Column("project_id", Uuid, nullable=True),
    Column("task_id", Uuid, nullable=True),
    Column("session_id", Uuid, nullable=True),
    Column("server_id", Uuid, nullable=True),
    Column("actor", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("ix_activity_log_task_id_id", "task_id", "id"),
    Index("ix_activity_log_project_id_id", "project_id", "id"),
    # partial: most lines are about tasks, and writing them is on the hot path
    Index("ix_activity_log_session_id_id", "session_id", "id", postgresql_where=text("session_id is not null")),
)
