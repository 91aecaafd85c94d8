"""Runs do not stay for ever: those that ended long ago go with their histories, and so do results nobody may use again.

Drafts that were tried out go with the last run of them.

Never one in flight, nor one that a dead letter is about: that goes when somebody has seen to the letter.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from corral_hub import clock
from corral_hub.db.database import UNREACHABLE

log = structlog.get_logger()
PERIOD = 600.0
RUNS_AT_ONCE = 200
ROWS_AT_ONCE = 5_000
"""Rows of histories that one transaction deletes, unless a single run has more."""
RESULTS_AT_ONCE = 1_000

# By each workflow's own index: it costs what there is to delete, and one look at each workflow.
OLD = """
    select r.id, (select max(h.number) from run_history h where h.run_id = r.id) as size
    from workflows w cross join lateral (
        select o.id from workflow_runs o
        where o.workflow_id = w.id and o.created_at < $1 and o.ended_at < $1
        and not exists (select from dead_letters d where d.run_id = o.id)
        and not exists (select from dead_letters d where d.replay_run_id = o.id)
        and not exists (select from workflow_runs p where p.id = o.parent_run_id and p.ended_at is null)
        and not exists (select from workflow_runs c where c.parent_run_id = o.id and c.ended_at is null)
        order by o.created_at limit $2
    ) r limit $2"""
# In this order: what refers to a run goes before it. A letter that came meanwhile keeps its run.
LOCKED = """
    select id from workflow_runs r where id = any($1::uuid[]) and ended_at is not null
    and not exists (select from dead_letters d where d.run_id = r.id) for update skip locked"""
PARTS = ("node_logs", "run_history", "node_runs")
FORGET = """
    delete from node_cache where (workflow_id, node_id, key) in (
        select workflow_id, node_id, key from node_cache where expires_at < $1 limit $2)"""


DRAFTS_AT_ONCE = 500
BEGINS_WITHIN = timedelta(hours=1)
"""A run of a draft is written this soon after the draft was kept for it, or not at all."""
UNUSED = """
    delete from tried_drafts where id in (
        select d.id from tried_drafts d where d.used_at < $1
        and not exists (select from workflow_runs r where r.draft_id = d.id) limit $2
    ) and used_at < $1"""


class Retention:
    """Looks every few minutes. `days`: how long a run that has ended can be read."""

    def __init__(self, pool: asyncpg.Pool, days: float) -> None:
        self._pool = pool
        self._kept = timedelta(days=days)
        self._pump: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._pump = asyncio.create_task(self._run(), name="retention of runs")

    async def stop(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                while await self.sweep():
                    pass
            except (*UNREACHABLE, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("runs_not_swept", error=str(error)[:200])
            await asyncio.sleep(PERIOD)

    async def sweep(self) -> bool:
        """Delete some of what is too old; return whether there may be more."""
        results = await self._pool.execute(FORGET, clock.now(), RESULTS_AT_ONCE)
        rows = await self._pool.fetch(OLD, clock.now() - self._kept, RUNS_AT_ONCE)
        gone = await self._delete(few_enough([(row["id"], row["size"] or 0) for row in rows])) if rows else 0
        drafts = await self._pool.execute(UNUSED, clock.now() - BEGINS_WITHIN, DRAFTS_AT_ONCE)
        full = results == f"DELETE {RESULTS_AT_ONCE}" or drafts == f"DELETE {DRAFTS_AT_ONCE}"
        return gone > 0 or full

    async def _delete(self, ids: Sequence[UUID]) -> int:
        """Delete these runs in one transaction; return how many."""
        async with self._pool.acquire() as connection, connection.transaction():
            locked: list[Any] = [row["id"] for row in await connection.fetch(LOCKED, ids)]
            for table in PARTS:
                await connection.execute(f"delete from {table} where run_id = any($1::uuid[])", locked)  # noqa: S608 - ours
            await connection.execute("delete from workflow_runs where id = any($1::uuid[])", locked)
        log.info("runs_deleted", count=len(locked), kept_days=self._kept / timedelta(days=1))
        return len(locked)


def few_enough(runs: Sequence[tuple[UUID, int]]) -> list[UUID]:
    """Return the first of these runs that together have no more rows than go at once; at least one."""
    chosen: list[UUID] = []
    rows = 0
    for run_id, size in runs:
        rows += size
        if chosen and rows > ROWS_AT_ONCE:
            break
        chosen.append(run_id)
    return chosen
