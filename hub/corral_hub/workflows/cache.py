"""Results that stand in for running a node again: looked up after the commit that asked for the node."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import orjson
import structlog

from corral_hub import clock
from corral_hub.db.database import UNREACHABLE
from corral_hub.workflows.commands import Execute
from corral_hub.workflows.live import Live
from corral_hub.workflows.orders import CacheAnswered

log = structlog.get_logger()
# As young as this version of the node asks for, and not yet too old for the one that made it.
LOOK_UP = """
    select result from node_cache
    where workflow_id = $1 and node_id = $2 and key = $3 and stored_at > $4 and expires_at > $5"""


class Cache:
    """`tell` takes the answer to the engine. A cache that cannot be asked is one that has nothing."""

    def __init__(self, pool: asyncpg.Pool, tell: Callable[[CacheAnswered], None]) -> None:
        self._pool = pool
        self._tell = tell
        self._jobs: set[asyncio.Task[None]] = set()

    def look_up(self, live: Live, execute: Execute) -> None:
        job = asyncio.get_running_loop().create_task(self._look_up(live, execute))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def close(self) -> None:
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    async def _look_up(self, live: Live, execute: Execute) -> None:
        cached = live.graph.nodes[execute.node_id].cache
        result: Any = None
        if cached is not None:
            now = clock.now()
            named = live.workflow_id, execute.node_id, execute.cache_key
            try:
                text = await self._pool.fetchval(LOOK_UP, *named, now - cached.kept, now)
            except (*UNREACHABLE, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("cache_not_asked", error=str(error)[:200])
                text = None
            result = orjson.loads(text) if text else None
        self._tell(CacheAnswered(run_id=live.id, key=execute.key, attempt=execute.attempt, result=result))
