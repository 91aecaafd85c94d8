"""Rows of sessions, and of who typed into them when."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from corral_hub.db.metadata import metadata
from corral_protocol.vocabulary import SessionStatus

IS_LIVE = "status in ('starting', 'running')"

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("server_id", Uuid, ForeignKey("servers.id"), nullable=False),
    Column("project_id", Uuid, ForeignKey("projects.id"), nullable=False),
    Column("task_id", Uuid, ForeignKey("tasks.id"), nullable=True),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("framed", Boolean, nullable=False),
    Column("attention", JSONB(none_as_null=True), nullable=True),  # {attention, why, since, evidence}
    Column("agent_type", Text, nullable=True),
    Column("role", Text, nullable=True),
    Column("argv", JSONB, nullable=False, server_default="[]"),
    Column("working_directory", Text, nullable=True),
    Column("repo", Text, nullable=True),
    Column("worktree", Boolean, nullable=False, server_default="false"),
    Column("request", JSONB(none_as_null=True), nullable=True),  # gone once it has started: it may hold secrets
    Column("cols", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("pid", BigInteger, nullable=True),
    Column("tmux_name", Text, nullable=True),
    Column("exit_code", BigInteger, nullable=True),
    Column("signal", BigInteger, nullable=True),
    Column("error", Text, nullable=True),
    Column("output_bytes", BigInteger, nullable=True),
    Column("record", Boolean, nullable=False, server_default="false"),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=True),
    Column("ended_at", DateTime(timezone=True), nullable=True),
    # On the table, not on the columns: autogeneration of migrations passes those over.
    CheckConstraint(f"status in ({', '.join(repr(word.value) for word in SessionStatus)})", name="status"),
    CheckConstraint("cols between 1 and 1000 and rows between 1 and 1000", name="size"),
    CheckConstraint(f"(ended_at is null) = ({IS_LIVE})", name="ended_has_status"),
    CheckConstraint("request is null or status = 'starting'", name="request_is_starting"),
    Index("ix_sessions_newest", "created_at", "id"),
    Index("ix_sessions_project_newest", "project_id", "created_at", "id"),
    Index("ix_sessions_server_newest", "server_id", "created_at", "id"),
    # `closed` is what nearly every row is: those are found by walking the newest
    Index("ix_sessions_status_newest", "status", "created_at", "id", postgresql_where=text("status <> 'closed'")),
    Index("ix_sessions_name", "name", "created_at"),
    Index("ix_sessions_task_id", "task_id", postgresql_where=text("task_id is not null")),
    # a name means one session, as long as that is alive
    Index("uq_sessions_live_name", "project_id", "name", unique=True, postgresql_where=text(IS_LIVE)),
)

# Never what was typed: who, when, how much, and how far the output was.
session_inputs = Table(
    "session_inputs",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("session_id", Uuid, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("actor", Text, nullable=False),
    Column("output_offset", BigInteger, nullable=True),
    Column("byte_count", BigInteger, nullable=False),
    Column("typed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("byte_count > 0", name="byte_count"),
    Index("ix_session_inputs_session_id_id", "session_id", "id"),
)
