"""Rows of people: administrators and viewers, revoked tokens, failed logins, login links, API keys."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from corral_hub.db.metadata import metadata

admin_users = Table(
    "admin_users",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # stored lower-case
    Column("password_hash", Text, nullable=False),
    Column("role", Text, CheckConstraint("role in ('admin', 'viewer')", name="role"), nullable=False),
    Column("generation", Integer, nullable=False, server_default="0"),  # raising it revokes every token of the user
    Column("created_at", DateTime(timezone=True), nullable=False),
)

revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    Column("jti", Text, primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("email", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("blocked_until", DateTime(timezone=True), nullable=False),
)

# Addresses that log somebody in once: made for a user, by an admin or by the hub's own first start.
login_links = Table(
    "login_links",
    metadata,
    Column("secret_hash", LargeBinary, primary_key=True),
    Column("user_id", Uuid, ForeignKey("admin_users.id"), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

# API keys of people, for scripts. What a key may do is what its role and its owner's both allow.
person_keys = Table(
    "person_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("admin_users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),  # how it begins: enough to know it again, not to use it
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("role", Text, CheckConstraint("role in ('admin', 'viewer')", name="role"), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=True),
    Column("used_on", Date, nullable=True),
    Column("revoked_at", DateTime(timezone=True), nullable=True),
    Index("ix_person_keys_created_at", "created_at", "id"),
)
