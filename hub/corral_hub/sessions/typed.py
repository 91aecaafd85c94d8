"""Who typed when and how much, and who drove: written once a second. Never what was typed."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from corral_hub import clock
from corral_hub.db.database import UNREACHABLE, Database
from corral_hub.sessions import store
from corral_hub.sessions.model import Session

log = structlog.get_logger()
PERIOD = 1.0
MOST_LINES = 10_000


@dataclass(frozen=True, slots=True)
class _Keys:
    typed_at: datetime
    output_offset: int | None
    byte_count: int


class Typed:
    """What waits to be written is one entry a session and actor, however much is typed while the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys: dict[tuple[UUID, str], _Keys] = {}
        self._lines: list[tuple[Session, str, str, dict[str, Any], datetime]] = []
        self._pump: asyncio.Task[None] | None = None

    def keys(self, session_id: UUID, actor: str, output_offset: int | None, count: int) -> None:
        if count <= 0:
            return
        key = (session_id, actor)
        known = self._keys.get(key)
        if known is None:
            self._keys[key] = _Keys(clock.now(), output_offset, count)
        else:
            self._keys[key] = replace(known, byte_count=known.byte_count + count)

    def line(self, session: Session, event_type: str, actor: str, details: dict[str, Any]) -> None:
        if len(self._lines) < MOST_LINES:
            self._lines.append((session, event_type, actor, details, clock.now()))

    def start(self) -> None:
        self._pump = asyncio.create_task(self._run(), name="typed")

    async def stop(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        await self._try()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(PERIOD)
            await self._try()

    async def _try(self) -> None:
        try:
            await self.flush()
        except (*UNREACHABLE, DBAPIError) as error:
            log.warning("typed_not_written", error=str(error)[:200])

    async def flush(self) -> None:
        """Write what there is; what comes meanwhile waits for the next time, and so does what cannot be written."""
        if not (self._keys or self._lines):
            return
        keys, lines = dict(self._keys), list(self._lines)
        rows = [
            {"session_id": id, "actor": actor, "typed_at": typed.typed_at, "output_offset": typed.output_offset,
             "byte_count": typed.byte_count}
            for (id, actor), typed in keys.items()
        ]  # fmt: skip
        async with self._database.begin() as tx:
            if rows:
                await store.add_inputs(tx, rows)
            for line in lines:
                await store.log(tx, *line)
        self._settle(keys, len(lines))

    def _settle(self, keys: dict[tuple[UUID, str], _Keys], lines: int) -> None:
        """Take out what was written. Keys typed while it was being written are a new entry."""
        for key, written in keys.items():
            rest = self._keys.pop(key)
            if rest.byte_count > written.byte_count:
                self._keys[key] = _Keys(clock.now(), rest.output_offset, rest.byte_count - written.byte_count)
        del self._lines[:lines]
