"""Rows of what people administered."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from corral_hub.db.metadata import metadata

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),  # user:ada@example.org, server:box, run:…, hub
    Column("via", Text, nullable=True),  # the name of the API key it came by
    Column("address", Text, nullable=True),
    Column("action", Text, nullable=False),  # noun.verb
    Column("target", Text, nullable=False),  # the id of what it was done to
    Column("name", Text, nullable=False),  # what it was called then
    Column("details", JSONB, nullable=False),
    Column("hash", LargeBinary, nullable=False),  # SHA-256 of the row before and of this one
    Index("ix_audit_at", "at"),
    Index("ix_audit_actor", "actor", "number"),
    Index("ix_audit_action", "action", "number"),
    Index("ix_audit_target", "target", "number"),
)
