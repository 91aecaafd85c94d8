"""The row that says which hub works. `epoch` grows with each hub that takes over."""

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Integer, Table, Text, Uuid, text

from corral_hub.db.metadata import metadata

# `holder`: nobody once it was given back. `name`: for people. `role`: the account by which its sessions are known.
hub_lease = Table(
    "hub_lease",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, server_default="1"),
    Column("epoch", BigInteger, nullable=False, server_default="0"),
    Column("holder", Uuid, nullable=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("role", Text, nullable=False, server_default=""),
    Column("taken_at", DateTime(timezone=True), nullable=True),
    Column("expires_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    CheckConstraint("id = 1", name="single"),
)
