"""When runs are over, as the database has it: a commit that nobody can see does not count."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import asyncpg

LIVE = "select exists (select from workflow_runs where status in ('pending', 'running', 'paused'))"
FAILED = "select count(*) from workflow_runs where status <> 'completed'"
# Said by the commit that ends a run, to who listens: looking again and again would cost what is measured.
TRIGGER = """
    create or replace function bench_ended() returns trigger language plpgsql as
        $$ begin perform pg_notify('bench_ended', new.id::text); return null; end $$;
    create trigger bench_ended after update on workflow_runs for each row
        when (new.ended_at is not null and old.ended_at is null) execute function bench_ended()"""


class Ends:
    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._ended: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def all(self) -> None:
        """Return once no run is live; a run that did not complete ends the benchmark."""
        while await self._connection.fetchval(LIVE):  # noqa: ASYNC110 - a trigger would cost what is measured
            await asyncio.sleep(0.005)
        if failed := await self._connection.fetchval(FAILED):
            raise RuntimeError(f"{failed} runs did not complete")

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[None]:
        """Let the ends of runs be told in here."""
        await self._connection.execute(TRIGGER)
        await self._connection.add_listener("bench_ended", self._hear)
        try:
            yield
        finally:
            await self._connection.remove_listener("bench_ended", self._hear)
            await self._connection.execute("drop trigger bench_ended on workflow_runs")
            self._ended.clear()

    async def of(self, ids: Iterable[str]) -> None:
        """Return once all of these are over."""
        await asyncio.gather(*(self._ended[id].wait() for id in ids))

    def _hear(self, _connection: object, _pid: int, _channel: str, id: object) -> None:
        self._ended[str(id)].set()
