"""A cached result stands in as long as its node says, and is not kept for longer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest

from corral_hub.db.database import Database
from corral_hub.workflows.cache import Cache
from corral_hub.workflows.model import LONGEST_CACHE
from corral_hub.workflows.retention import Retention
from corral_hub.workflows.validate import find_problems
from tests.hub.workflows.mill import Mill
from tests.hub.workflows.playing import graph_of


def asking(seconds: float) -> dict[str, object]:
    return {"id": "a", "cache": {"seconds": seconds}}


@asynccontextmanager
async def mill_of(database: Database) -> AsyncIterator[tuple[Mill, asyncpg.Pool]]:
    pool, mill = await database.pool(), Mill(database)
    cache = Cache(pool, mill.reactor.tell)
    mill.effects.look_up = cache.look_up
    try:
        async with mill:
            yield mill, pool
            await cache.close()
    finally:
        await pool.close()


async def is_cached(mill: Mill, workflow: int, version: int, seconds: float) -> bool:
    """Whether a run is answered from the cache; if not, its node is done."""
    seen = len(mill.sent)
    run = await mill.begin(workflow, version, graph_of(asking(seconds)))
    async with asyncio.timeout(30):
        while len(mill.sent) == seen and await mill.status(run) != "completed":
            pass  # each look is a query
    if len(mill.sent) == seen:
        return True
    await mill.finish("a", 7)
    return False


async def grow_older(mill: Mill, seconds: float) -> None:
    await mill.rows.execute(
        "update node_cache set stored_at = stored_at - $1::interval, expires_at = expires_at - $1",
        timedelta(seconds=seconds),
    )


async def swept(mill: Mill, pool: asyncpg.Pool) -> int:
    while await Retention(pool, 30).sweep():
        pass
    return int(await mill.rows.fetchval("select count(*) from node_cache"))


async def test_a_result_is_kept_as_long_as_its_node_says(database: Database) -> None:
    async with mill_of(database) as (mill, pool):
        id = await mill.publish(graph_of(asking(60)))
        assert [await is_cached(mill, id, 1, 60) for _ in range(2)] == [False, True]
        await grow_older(mill, 50)
        assert await is_cached(mill, id, 1, 60) and await swept(mill, pool) == 1
        await grow_older(mill, 20)
        assert await swept(mill, pool) == 0
        assert [await is_cached(mill, id, 1, 60) for _ in range(2)] == [False, True]


async def test_a_version_may_ask_for_younger_results_but_not_for_older_ones(database: Database) -> None:
    async with mill_of(database) as (mill, _):
        id = await mill.publish(graph_of(asking(600)))
        await mill.publish_again(id, 2, graph_of(asking(60)))
        await mill.publish_again(id, 3, graph_of(asking(6000)))
        asked = enumerate((600, 60, 6000), 1)
        assert [await is_cached(mill, id, version, seconds) for version, seconds in asked] == [False, True, True]
        await grow_older(mill, 100)
        assert await is_cached(mill, id, 1, 600) and not await is_cached(mill, id, 2, 60)
        await grow_older(mill, 100)
        assert not await is_cached(mill, id, 3, 6000), "the newest result was made to be kept for 60 s"


async def test_no_result_is_kept_for_more_than_thirty_days(database: Database) -> None:
    async with mill_of(database) as (mill, pool):
        id = await mill.publish(graph_of(asking(1e300)))
        assert not await is_cached(mill, id, 1, 1e300)
        await grow_older(mill, LONGEST_CACHE - 60)
        assert await swept(mill, pool) == 1
        await grow_older(mill, 61)
        assert await swept(mill, pool) == 0


@pytest.mark.parametrize(("seconds", "told"), [(60, 0), (0, 1), (-1, 1), (LONGEST_CACHE, 0), (LONGEST_CACHE + 1, 1)])
def test_what_comes_to_nothing_is_told(seconds: float, told: int) -> None:
    _, problems = find_problems({"nodes": [{**asking(seconds), "type": "t"}], "edges": []}, {})
    found = [problem for problem in problems if problem.path == "/nodes/0/cache/seconds"]
    assert len(found) == told and all(problem.warning for problem in found)
