"""Write an entry, in the transaction of what it tells of: both happen or neither does."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from corral_hub import clock
from corral_hub.audit.model import GENESIS, HUB, Actor, Entry, bounded, chain, plain
from corral_hub.audit.tables import audit

log = structlog.get_logger()
CHAIN = 0x6175646974
"""The advisory lock of the chain: entries are few, and follow one another."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What an entry will say, for where it is known before the transaction begins."""

    action: str
    details: Mapping[str, Any]


_acting: ContextVar[Actor] = ContextVar("acting", default=HUB)


def act_as(actor: Actor) -> None:
    """Remember for the rest of this request who asks: guards know, the actions below them write it down."""
    _acting.set(actor)


def turn_out_to_be(who: str, via: str | None = None) -> None:
    """Remember who it is that asks from there, once that is known."""
    _acting.set(replace(_acting.get(), who=who, via=via))


async def note(tx: AsyncConnection, action: str, target: object, name: str = "", /, **details: Any) -> None:
    """Add an entry that says who does this. Call it last: the chain is locked until the transaction ends."""
    entry = Entry(
        at=clock.now(), actor=_acting.get(), action=action, target=plain(str(target)), name=plain(name),
        details=bounded(details),
    )  # fmt: skip
    await tx.execute(select(func.pg_advisory_xact_lock(CHAIN)))
    newest = select(audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    before = (await tx.execute(newest)).scalar_one_or_none()
    row = {
        "at": entry.at, "actor": entry.actor.who, "via": entry.actor.via, "address": entry.actor.address,
        "action": action, "target": entry.target, "name": entry.name, "details": dict(entry.details),
        "hash": chain(before or GENESIS, entry),
    }  # fmt: skip
    await tx.execute(insert(audit).values(**row))
    log.info("audit", action=action, by=entry.actor.who, target=entry.target)
