"""Rows of machines ↔ model. No decisions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Text, Uuid, and_, cast, column, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from corral_hub.servers.model import Server
from corral_hub.servers.tables import registration_tokens, server_versions, servers
from corral_protocol.capabilities import Capabilities
from corral_protocol.codec import decode, encode

NAMES = 0x6E616D6573
"""The advisory lock of names."""


def read_server(row: Any) -> Server:
    values: dict[str, Any] = dict(row._mapping)
    for name in ("announced", "effective"):
        values[name] = decode(Capabilities, values[name])
    values["features"] = tuple(values["features"])
    return Server(**values)


async def lock_names(tx: AsyncConnection) -> None:
    """Let nobody else give out names of servers until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(NAMES)))


async def one(tx: AsyncConnection, id: UUID, lock: bool = False) -> Server | None:
    query = select(servers).where(servers.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else read_server(row)


async def present(tx: AsyncConnection) -> list[Server]:
    """Return every server that was not removed, by name."""
    query = select(servers).where(servers.c.removed_at.is_(None)).order_by(servers.c.name)
    return [read_server(row) for row in await tx.execute(query)]


async def by_key(tx: AsyncConnection, key_hash: bytes) -> Server | None:
    row = (await tx.execute(select(servers).where(servers.c.key_hash == key_hash))).one_or_none()
    return None if row is None else read_server(row)


async def add(tx: AsyncConnection, server: Server) -> None:
    await tx.execute(insert(servers).values(**_write(server)))


async def put(tx: AsyncConnection, server: Server) -> None:
    values = _write(server)
    await tx.execute(update(servers).where(servers.c.id == values.pop("id")).values(**values))


def _write(server: Server) -> dict[str, Any]:
    values = {name: getattr(server, name) for name in Server.__dataclass_fields__}
    vectors = {name: encode(values[name]) for name in ("announced", "effective")}
    return {
        **values,
        **vectors,
        "overrides": dict(server.overrides),
        "system_info": dict(server.system_info),
        "features": list(server.features),
    }


async def keep_version(tx: AsyncConnection, server: Server, now: datetime) -> None:
    """Keep this capability vector for ever: decisions refer to it."""
    row = {
        "server_id": server.id, "version": server.version, "name": server.name,
        "effective": encode(server.effective), "created_at": now,
    }  # fmt: skip
    await tx.execute(upsert(server_versions).values(**row).on_conflict_do_nothing())


async def flush_presence(tx: AsyncConnection, rows: Iterable[dict[str, Any]]) -> None:
    """Write {id, status, last_heartbeat} of many servers, in one statement. Removed ones stay as they are."""
    listed = list(rows)
    arrays = [
        cast([row[name] for row in listed], ARRAY(kind))
        for name, kind in (("id", Uuid()), ("status", Text()), ("last_heartbeat", DateTime(timezone=True)))
    ]
    news = func.unnest(*arrays).table_valued(
        column("id", Uuid), column("status", Text), column("last_heartbeat", DateTime(timezone=True)), name="news"
    ).render_derived()  # fmt: skip
    statement = update(servers).where(servers.c.id == news.c.id, servers.c.removed_at.is_(None))
    await tx.execute(statement.values(status=news.c.status, last_heartbeat=news.c.last_heartbeat))


async def add_token(tx: AsyncConnection, **values: Any) -> None:
    await tx.execute(insert(registration_tokens).values(**values))


async def use_token(tx: AsyncConnection, secret_hash: bytes, now: datetime) -> Any:
    """Mark the token used and return its row; None when it is unknown, used, revoked or expired. One caller wins."""
    usable = and_(
        registration_tokens.c.secret_hash == secret_hash,
        registration_tokens.c.used_at.is_(None),
        registration_tokens.c.revoked_at.is_(None),
        registration_tokens.c.expires_at > now,
    )
    statement = update(registration_tokens).where(usable).values(used_at=now).returning(registration_tokens)
    return (await tx.execute(statement)).one_or_none()


async def note_user(tx: AsyncConnection, token_id: UUID, server_id: UUID) -> None:
    await tx.execute(update(registration_tokens).where(registration_tokens.c.id == token_id).values(used_by=server_id))


async def tokens(tx: AsyncConnection) -> list[Any]:
    query = select(registration_tokens).order_by(registration_tokens.c.created_at.desc()).limit(200)
    return list((await tx.execute(query)).all())


async def revoke_token(tx: AsyncConnection, id: UUID, now: datetime) -> bool:
    statement = update(registration_tokens).where(
        registration_tokens.c.id == id, registration_tokens.c.used_at.is_(None)
    )
    return (await tx.execute(statement.values(revoked_at=now))).rowcount > 0
