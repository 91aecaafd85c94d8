"""Rows that make a placement explainable: which machines, in which versions, were there to choose from."""

from sqlalchemy import BigInteger, Column, DateTime, Table
from sqlalchemy.dialects.postgresql import JSONB

from corral_hub.db.metadata import metadata

# members: [{"server_id", "version", "connected", "cordoned", "draining", "max"}], in the order of `assignments.loads`.
fleets = Table(
    "fleets",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("members", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
