"""Rows of people: administrators and viewers, revoked tokens, failed logins."""

from sqlalchemy import CheckConstraint, Column, DateTime, Integer, Table, Text, Uuid

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
