"""Recordings do not stay for ever: what is too old goes, and the oldest go when all of them are too large."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from corral_hub import clock
from corral_hub.db.database import UNREACHABLE, Database
from corral_hub.recordings import store
from corral_hub.recordings.model import Limits
from corral_hub.sessions.store import log as write_down
from corral_hub.sessions.store import one

log = structlog.get_logger()
PERIOD = 600.0
AT_ONCE = 1000
"""Segments, or recordings, that one transaction deletes."""
HUB = "hub"


class Retention:
    """Looks every few minutes. It costs what there is to delete, and one sum over the sessions that have recordings."""

    def __init__(self, database: Database, limits: Limits) -> None:
        self._database = database
        self._limits = limits
        self._pump: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._pump = asyncio.create_task(self._run(), name="retention")

    async def stop(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                while await self.sweep():
                    pass
            except (*UNREACHABLE, PoolTimeout, DBAPIError) as error:
                log.warning("recordings_not_swept", error=str(error)[:200])
            await asyncio.sleep(PERIOD)

    async def sweep(self) -> bool:
        """Delete some of what is too much; return whether there may be more."""
        aged = await self._expire()
        return await self._shrink() or aged

    async def _expire(self) -> bool:
        async with self._database.begin() as tx:
            moment = clock.now() - timedelta(days=self._limits.days)
            old = await store.older_than(tx, moment, AT_ONCE)
            for session_id, numbers in old.items():
                await store.remove_segments(tx, session_id, numbers)
                await self._note(tx, session_id, {"why": "age", "segments": len(numbers)})
        return sum(map(len, old.values())) >= AT_ONCE

    async def _shrink(self) -> bool:
        """Delete whole recordings, the longest untouched first, until the rest is small enough."""
        async with self._database.begin() as tx:
            excess = await store.total(tx) - self._limits.total
            if excess <= 0:
                return False
            for session_id, size in _enough(await store.longest_untouched(tx, AT_ONCE), excess):
                await store.remove(tx, session_id)
                await self._note(tx, session_id, {"why": "total_size", "size": size})
        return True

    async def _note(self, tx: AsyncConnection, session_id: UUID, details: dict[str, Any]) -> None:
        """What is deleted is said in the activity of its session, and in the hub's log."""
        log.info("recording_deleted", session=str(session_id), **details)
        session = await one(tx, session_id)
        if session is not None:
            await write_down(tx, session, "session_recording_expired", HUB, details, clock.now())


def _enough(recordings: Sequence[tuple[UUID, int]], excess: int) -> list[tuple[UUID, int]]:
    """Return as many of these as weigh so much."""
    chosen: list[tuple[UUID, int]] = []
    for session_id, size in recordings:
        if excess <= 0:
            break
        chosen.append((session_id, size))
        excess -= size
    return chosen
