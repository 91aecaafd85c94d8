"""Rows of known machines, the tokens that let them in, and how far their spools are committed."""

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
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from corral_hub.db.metadata import metadata

servers = Table(
    "servers",
    metadata,
    Column("id", Uuid, primary_key=True),
    # null: serves every project
    Column("project_id", Uuid, ForeignKey("projects.id"), nullable=True),
    Column("name", Text, nullable=False, unique=True),
    Column("enrolled_as", Text, nullable=False, server_default=""),  # the name it asked for: how it is known again
    Column("hostname", Text, nullable=False, server_default=""),
    Column("os", Text, nullable=False, server_default=""),
    Column("machine_id", Text, nullable=False, server_default=""),
    Column("key_hash", LargeBinary, nullable=True, unique=True),  # SHA-256 of the API key; null once revoked
    Column("status", Text, CheckConstraint("status in ('online', 'offline')", name="status"), nullable=False),
    Column("cordoned", Boolean, nullable=False, server_default="false"),
    Column("draining", Boolean, nullable=False, server_default="false"),
    Column("max_concurrent", Integer, nullable=True),  # an admin's override of what the machine announces
    Column("announced", JSONB, nullable=False, server_default="{}"),  # as the daemon measured and declared
    Column("overrides", JSONB, nullable=False, server_default="{}"),  # as an admin decided; wins
    Column("effective", JSONB, nullable=False, server_default="{}"),  # announced + overrides, what dispatch scores
    Column("version", Integer, nullable=False, server_default="1"),  # of `effective`
    Column("system_info", JSONB, nullable=False, server_default="{}"),
    Column("agent_version", Text, nullable=True),
    Column("features", JSONB, nullable=False, server_default="[]"),  # what its newest connection agreed on
    Column("last_heartbeat", DateTime(timezone=True), nullable=True),
    Column("removed_at", DateTime(timezone=True), nullable=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

# Every capability vector a decision was ever based on, so that `explain` can recompute it.
server_versions = Table(
    "server_versions",
    metadata,
    Column("server_id", Uuid, ForeignKey("servers.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("effective", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

registration_tokens = Table(
    "registration_tokens",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("project_id", Uuid, ForeignKey("projects.id"), nullable=True),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True), nullable=True),
    Column("used_by", Uuid, ForeignKey("servers.id"), nullable=True),
    Column("revoked_at", DateTime(timezone=True), nullable=True),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

# Up to which sequence number a daemon's spool is committed here: what makes replay idempotent.
spools = Table(
    "spools",
    metadata,
    Column("server_id", Uuid, ForeignKey("servers.id"), primary_key=True),
    Column("spool_id", Text, primary_key=True),
    Column("acked_seq", BigInteger, nullable=False),
)

# Messages to a daemon that are not state (notes, answers, plan verdicts): kept until the daemon has them.
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("server_id", Uuid, ForeignKey("servers.id"), nullable=False),
    Column("message", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("ix_outbox_server_id_id", "server_id", "id"),
)
