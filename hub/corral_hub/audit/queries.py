"""Reading the audit log, newest first, and checking that nothing in it was changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from corral_hub.audit.model import Actor, Entry, first_broken
from corral_hub.audit.tables import audit

AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`action`: a whole one (`user.create`), or a noun (`user`). `before`: number of the last entry that was shown."""

    actor: str | None = None
    action: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 100


async def page(connection: AsyncConnection, wanted: Wanted) -> Sequence[Any]:
    return (await connection.execute(page_query(wanted))).all()


def page_query(wanted: Wanted) -> Select[Any]:
    query = select(audit).order_by(audit.c.number.desc()).limit(wanted.limit)
    for column, value in ((audit.c.actor, wanted.actor), (audit.c.target, wanted.target)):
        query = query if value is None else query.where(column == value)
    if wanted.action is not None:
        whole = "." in wanted.action
        same = audit.c.action == wanted.action
        query = query.where(same if whole else audit.c.action.startswith(f"{wanted.action}.", autoescape=True))
    if wanted.since is not None:
        query = query.where(audit.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit.c.at < wanted.until)
    return query if wanted.before is None else query.where(audit.c.number < wanted.before)


async def verify(connection: AsyncConnection) -> tuple[int, int | None]:
    """Return (how many entries follow from those before them, the number of the first that does not).

    The first entry that is kept is believed: what stood before it is gone.
    """
    first = (await connection.execute(select(audit).order_by(audit.c.number).limit(1))).one_or_none()
    if first is None:
        return 0, None
    checked, at, before = 1, int(first.number), bytes(first.hash)
    while True:
        query = select(audit).where(audit.c.number > at).order_by(audit.c.number).limit(AT_ONCE)
        rows = (await connection.execute(query)).all()
        broken, before = first_broken(before, ((row.number, entry_of(row), bytes(row.hash)) for row in rows))
        if broken is not None:
            return checked + sum(row.number < broken for row in rows), broken
        checked += len(rows)
        if len(rows) < AT_ONCE:
            return checked, None
        at = int(rows[-1].number)


def entry_of(row: Any) -> Entry:
    actor = Actor(who=row.actor, via=row.via, address=row.address)
    return Entry(
        at=row.at, actor=actor, action=row.action, target=row.target, name=row.name, details=row.details
    )  # fmt: skip
