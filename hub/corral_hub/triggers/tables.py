"""Rows of deployments: which version is deployed, what is armed, and which events wait for their turn."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from corral_hub.db.metadata import metadata
from corral_hub.triggers.model import TriggerKind, WhenBusy

deployments = Table(
    "deployments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("workflow_id", Integer, ForeignKey("workflows.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("concurrency", Integer, nullable=True),
    Column("when_busy", Text, nullable=False),
    Column("deployed_by", Text, nullable=False),
    Column("deployed_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("workflow_id", deferrable=True, initially="IMMEDIATE"),
    CheckConstraint("concurrency > 0", name="concurrency"),
    CheckConstraint(f"when_busy in ({', '.join(repr(word.value) for word in WhenBusy)})", name="when_busy"),
)

# What a trigger says stands in the version's definition. `seen`: the last instant of its clock that was seen to; it is
# written with the run that began. A path may move from one trigger to another, and a
# workflow be deployed anew, in the statement that takes the old one away: hence deferrable.
deployment_triggers = Table(
    "deployment_triggers",
    metadata,
    Column("deployment_id", Uuid, ForeignKey("deployments.id", ondelete="CASCADE"), nullable=False),
    Column("node_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("path", Text, nullable=True),
    Column("seen", DateTime(timezone=True), nullable=True),
    Column("fires", BigInteger, nullable=False),
    Column("fired_at", DateTime(timezone=True), nullable=True),
    PrimaryKeyConstraint("deployment_id", "node_id"),
    UniqueConstraint("path", deferrable=True, initially="IMMEDIATE"),
    CheckConstraint(f"kind in ({', '.join(repr(word.value) for word in TriggerKind)})", name="kind"),
)

waiting_runs = Table(
    "waiting_runs",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("run_id", Uuid, nullable=False),
    Column("deployment_id", Uuid, ForeignKey("deployments.id", ondelete="CASCADE"), nullable=False),
    Column("node_id", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("run_id"),
    Index("ix_waiting_runs_deployment_id", "deployment_id", "number"),
)
