"""Runs that ended long ago go, piece by piece; what somebody still needs stays."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_hub.db.database import Database
from corral_hub.workflows import retention
from corral_hub.workflows.retention import ROWS_AT_ONCE, Retention, few_enough
from corral_protocol.vocabulary import ErrorClass
from tests.hub.workflows.mill import Mill
from tests.hub.workflows.playing import graph_of

TABLES = ("workflow_runs", "run_history", "node_runs", "node_logs")


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    pool = await database.pool()
    yield pool
    await pool.close()


async def age(mill: Mill, *runs: UUID, by: timedelta = timedelta(days=40)) -> None:
    sql = "update workflow_runs set created_at = created_at - $2::interval, ended_at = ended_at - $2 where id = any($1)"
    await mill.rows.execute(sql, runs, by)


async def left(mill: Mill) -> set[UUID]:
    return {row["id"] for row in await mill.rows.fetch("select id from workflow_runs")}


async def swept(pool: asyncpg.Pool, days: float = 30) -> int:
    """Sweep until nothing is left to do; return how often there was."""
    found, rounds = Retention(pool, days), 0
    while await found.sweep():
        rounds += 1
    return rounds


async def over(mill: Mill, *nodes: Any) -> UUID:
    run = await mill.start(graph_of(*nodes))
    for node in nodes:
        await mill.finish(node)
    return run


async def test_only_what_ended_long_ago_goes_with_all_that_belongs_to_it(
    database: Database, pool: asyncpg.Pool
) -> None:
    async with Mill(database) as mill:
        old, young = await over(mill, "a", "b"), await over(mill, "c")
        live = await mill.start(graph_of("d"))
        await age(mill, old, live)
        await swept(pool)
        assert await left(mill) == {young, live}
        for table in TABLES[1:]:
            assert await mill.rows.fetchval(f"select count(*) from {table} where run_id = $1", old) == 0
            assert table == "node_logs" or await mill.rows.fetchval(f"select count(*) from {table}") > 0
        await mill.finish("d")
        assert await mill.status(live) == "completed"


async def test_a_run_stays_until_its_dead_letter_is_seen_to(database: Database, pool: asyncpg.Pool) -> None:
    async with Mill(database) as mill:
        failed = await mill.start(graph_of("a"))
        await mill.fail("a", ErrorClass.BAD_INPUT)
        replay = await over(mill, "b")
        await mill.rows.execute("update dead_letters set replay_run_id = $1", replay)
        await age(mill, failed, replay)
        await swept(pool)
        assert await left(mill) == {failed, replay}
        await mill.rows.execute("delete from dead_letters")
        await swept(pool)
        assert await left(mill) == set()


async def test_a_part_of_what_is_in_flight_stays(database: Database, pool: asyncpg.Pool) -> None:
    async with Mill(database) as mill:
        child = await over(mill, "a")
        parent = await mill.start(graph_of("b"))
        await mill.rows.execute("update workflow_runs set parent_run_id = $1 where id = $2", parent, child)
        await age(mill, child, parent)
        await swept(pool)
        assert await left(mill) == {child, parent}


async def test_much_goes_in_pieces(database: Database, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 5)
    async with Mill(database) as mill:
        runs = [await over(mill, f"n{number}") for number in range(5)]
        await age(mill, *runs)
        assert await swept(pool) == 3
        assert await left(mill) == set()


@given(st.lists(st.integers(0, 2 * ROWS_AT_ONCE), min_size=1, max_size=30))
def test_one_transaction_deletes_few_rows_or_one_run(sizes: list[int]) -> None:
    runs = [(uuid4(), size) for size in sizes]
    chosen = few_enough(runs)
    assert chosen == [id for id, _ in runs[: len(chosen)]] and chosen
    assert len(chosen) == 1 or sum(sizes[: len(chosen)]) <= ROWS_AT_ONCE
    assert len(chosen) == len(runs) or sum(sizes[: len(chosen) + 1]) > ROWS_AT_ONCE
