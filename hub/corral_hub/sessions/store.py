"""Rows of sessions ↔ model, for changes. No decisions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from corral_hub.bus.tables import activity_log
from corral_hub.sessions.model import LIVE, Session
from corral_hub.sessions.tables import session_inputs, sessions
from corral_protocol.vocabulary import SessionStatus


def read_session(row: Mapping[Any, Any]) -> Session:
    """Return the Session of a row whose jsonb columns are values."""
    values: dict[str, Any] = dict(row)
    values["status"] = SessionStatus(values["status"])
    values["argv"] = tuple(values["argv"])
    return Session(**values)


def _write(session: Session) -> dict[str, Any]:
    values = {name: getattr(session, name) for name in Session.__dataclass_fields__}
    return {**values, "status": session.status.value, "argv": list(session.argv)}


async def one(tx: AsyncConnection, id: UUID, lock: bool = False) -> Session | None:
    query = select(sessions).where(sessions.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return None if row is None else read_session(row)


async def live(tx: AsyncConnection) -> list[Session]:
    query = select(sessions).where(sessions.c.status.in_([status.value for status in LIVE]))
    return [read_session(row) for row in (await tx.execute(query)).mappings()]


async def add(tx: AsyncConnection, session: Session) -> None:
    await tx.execute(insert(sessions).values(**_write(session)))


async def put(tx: AsyncConnection, before: Session, after: Session) -> None:
    """Write what differs."""
    values = _write(after)
    changed = {name: value for name, value in values.items() if getattr(before, name) != getattr(after, name)}
    await tx.execute(update(sessions).where(sessions.c.id == before.id).values(**changed))


async def remove(tx: AsyncConnection, id: UUID) -> None:
    await tx.execute(delete(sessions).where(sessions.c.id == id))


async def log(
    tx: AsyncConnection, session: Session, event_type: str, actor: str, details: dict[str, Any], now: datetime
) -> None:
    row = {
        "event_type": event_type, "project_id": session.project_id, "task_id": session.task_id,
        "session_id": session.id, "server_id": session.server_id, "actor": actor, "details": details,
        "created_at": now,
    }  # fmt: skip
    await tx.execute(insert(activity_log).values(**row))


async def add_inputs(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Keep who typed; what belongs to a session that was deleted meanwhile is let go."""
    ids = {row["session_id"] for row in rows}
    there = set((await tx.execute(select(sessions.c.id).where(sessions.c.id.in_(ids)))).scalars())
    kept = [row for row in rows if row["session_id"] in there]
    if kept:
        await tx.execute(insert(session_inputs), kept)
