"""Reading recordings. Nothing here changes anything; every query has its index (a test says so)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from corral_hub.recordings.cast import Part
from corral_hub.recordings.model import Recording
from corral_protocol.vocabulary import RecordingState

COLUMNS = ", ".join(Recording.__dataclass_fields__)
ONE = f"select {COLUMNS} from recordings where session_id = $1"  # noqa: S608

INDEX = """
    select number, from_ms, until_ms, from_offset, until_offset, cols, rows, skipped, entry, state, size, stored_at
    from recording_segments where session_id = $1 and number > $2 order by number limit $3"""

# Where a replay from this moment begins: at the last place where one can, or at the first there is.
ENTRY_BEFORE = """
    select number from recording_segments where session_id = $1 and entry and from_ms <= $2
    order by from_ms desc, number desc limit 1"""
FIRST_ENTRY = "select number from recording_segments where session_id = $1 and entry order by from_ms, number limit 1"

PARTS = """
    select number, from_ms, cols, rows, entry, state, data
    from recording_segments where session_id = $1 and number >= $2 order by number limit $3"""


class RecordingQueries:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def get(self, session_id: UUID) -> Recording | None:
        row = await self._pool.fetchrow(ONE, session_id)
        return None if row is None else Recording(**_read(row))

    async def index(self, session_id: UUID, after: int, limit: int) -> list[Mapping[str, Any]]:
        """Return the segments after this number, without what is in them."""
        return list(await self._pool.fetch(INDEX, session_id, after, limit))

    async def entry(self, session_id: UUID, begin: int) -> int:
        """Return the number of the segment at which to begin in order to see the screen as of `begin`."""
        number = await self._pool.fetchval(ENTRY_BEFORE, session_id, begin)
        if number is None:
            number = await self._pool.fetchval(FIRST_ENTRY, session_id)
        return number or 0

    async def parts(self, session_id: UUID, number: int, limit: int) -> list[Part]:
        """Return segments from this number on."""
        rows = await self._pool.fetch(PARTS, session_id, number, limit)
        return [Part(**_read(row)) for row in rows]


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {**row}
    return values | {"state": RecordingState(row["state"])}
