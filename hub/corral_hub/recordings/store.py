"""Segments → rows. No decisions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from corral_hub.recordings.model import Arrived
from corral_hub.recordings.tables import recording_segments, recordings
from corral_hub.sessions.tables import sessions

# What was counted twice would be wrong for ever: only what was really inserted is added up.
ADD_UP = text("""
    update recordings set
        state = :state, segments = segments + :segments, size = size + :size, until_ms = greatest(until_ms, :until_ms),
        until_offset = greatest(until_offset, :until_offset), skipped = skipped + :skipped, gaps = gaps + :gaps,
        updated_at = :now
    where session_id = :session_id""")

# After old segments went: the rest, summed anew.
SUM_UP = text("""
    update recordings r set first = s.first, segments = s.segments, size = s.size, from_ms = s.from_ms,
        skipped = s.skipped
    from (select session_id, min(number) as first, count(*) as segments, sum(size) as size, min(from_ms) as from_ms,
              sum(skipped) as skipped from recording_segments where session_id = any(:ids) group by session_id) s
    where r.session_id = s.session_id""").bindparams(bindparam("ids"))


async def owners(tx: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the server of each of these sessions that exists."""
    query = select(sessions.c.id, sessions.c.server_id).where(sessions.c.id.in_(set(ids)))
    return {row.id: row.server_id for row in await tx.execute(query)}


async def sizes(tx: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the bytes of each of these recordings, and keep others from changing them."""
    query = select(recordings.c.session_id, recordings.c.size).where(recordings.c.session_id.in_(set(ids)))
    ordered = query.order_by(recordings.c.session_id).with_for_update()
    return {row.session_id: row.size for row in await tx.execute(ordered)}


async def add(tx: AsyncConnection, arrived: Sequence[Arrived], now: datetime) -> None:
    """Keep segments; one that is here already changes nothing."""
    await tx.execute(insert(recordings).on_conflict_do_nothing(), [_recording(one, now) for one in _first_of(arrived)])
    segments = insert(recording_segments).on_conflict_do_nothing().values([_segment(one, now) for one in arrived])
    done = await tx.execute(segments.returning(recording_segments.c.session_id, recording_segments.c.number))
    new = {(row.session_id, row.number) for row in done}
    added = [one for one in arrived if (one.session_id, one.label.number) in new]
    for one in sorted(added, key=lambda one: (one.session_id, one.label.number)):
        await tx.execute(ADD_UP, _sums(one, now))


async def remove(tx: AsyncConnection, session_id: UUID) -> None:
    await tx.execute(delete(recordings).where(recordings.c.session_id == session_id))


async def remove_segments(tx: AsyncConnection, session_id: UUID, numbers: Sequence[int]) -> None:
    """Forget some, and what they added up to."""
    await sizes(tx, [session_id])  # nobody adds to it meanwhile
    mine = recording_segments.c.session_id == session_id
    await tx.execute(delete(recording_segments).where(mine, recording_segments.c.number.in_(numbers)))
    if await tx.scalar(select(func.count()).select_from(recording_segments).where(mine)):
        await tx.execute(SUM_UP, {"ids": [session_id]})
    else:
        await remove(tx, session_id)


async def older_than(tx: AsyncConnection, moment: datetime, limit: int) -> dict[UUID, list[int]]:
    """Return the oldest segments that were stored before `moment`, by session; at most `limit`."""
    columns = recording_segments.c
    query = select(columns.session_id, columns.number).where(columns.stored_at < moment)
    found: dict[UUID, list[int]] = {}
    for row in await tx.execute(query.order_by(columns.stored_at).limit(limit)):
        found.setdefault(row.session_id, []).append(row.number)
    return found


async def total(tx: AsyncConnection) -> int:
    return int(await tx.scalar(select(func.coalesce(func.sum(recordings.c.size), 0))) or 0)


async def longest_untouched(tx: AsyncConnection, limit: int) -> list[tuple[UUID, int]]:
    """Return the recordings to which nothing was added for the longest time, with their sizes."""
    query = select(recordings.c.session_id, recordings.c.size).order_by(recordings.c.updated_at).limit(limit)
    return [(row.session_id, row.size) for row in await tx.execute(query)]


def _first_of(arrived: Sequence[Arrived]) -> list[Arrived]:
    first: dict[UUID, Arrived] = {}
    for one in arrived:
        known = first.get(one.session_id)
        if known is None or one.label.number < known.label.number:
            first[one.session_id] = one
    return [first[id] for id in sorted(first)]


def _recording(one: Arrived, now: datetime) -> dict[str, object]:
    label = one.label
    return {
        "session_id": one.session_id, "state": label.state.value, "first": label.number, "segments": 0, "size": 0,
        "from_ms": label.from_ms, "until_ms": label.until_ms, "until_offset": label.until_offset, "skipped": 0,
        "gaps": 0, "updated_at": now,
    }  # fmt: skip


def _segment(one: Arrived, now: datetime) -> dict[str, object]:
    label = one.label
    return {
        "session_id": one.session_id, "number": label.number, "from_ms": label.from_ms, "until_ms": label.until_ms,
        "from_offset": label.from_offset, "until_offset": label.until_offset, "cols": label.cols, "rows": label.rows,
        "skipped": label.skipped, "entry": label.entry, "state": label.state.value, "size": len(one.body),
        "stored_at": now, "data": one.body,
    }  # fmt: skip


def _sums(one: Arrived, now: datetime) -> dict[str, object]:
    label = one.label
    return {
        "session_id": one.session_id, "state": label.state.value, "segments": 1, "size": len(one.body),
        "until_ms": label.until_ms, "until_offset": label.until_offset, "skipped": label.skipped, "gaps": label.gaps,
        "now": now,
    }  # fmt: skip
