"""Runs that try a draft out: bound to it as it was, kept once, told of as what they are, and gone in the end."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from corral_hub.db.database import Database
from corral_hub.workflows.retention import BEGINS_WITHIN, Retention
from tests.hub.workflows.mill import Mill
from tests.hub.workflows.playing import graph_of

FIRST = graph_of("a", {"id": "b", "parameters": {"x": "first"}}, edges="a>b")
SECOND = graph_of("a", {"id": "b", "parameters": {"x": "second"}}, edges="a>b")


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    pool = await database.pool()
    yield pool
    await pool.close()


async def kept(mill: Mill) -> list[int]:
    return [row["id"] for row in await mill.rows.fetch("select id from tried_drafts order by id")]


async def age(mill: Mill, by: timedelta) -> None:
    await mill.rows.execute("update tried_drafts set used_at = used_at - $1::interval", by)


async def test_the_same_draft_is_kept_once_and_another_beside_it(database: Database) -> None:
    async with Mill(database) as mill:
        workflow, other = await mill.publish(FIRST), await mill.publish(FIRST)
        ids = {await mill.keep(workflow, FIRST) for _ in range(100)}
        assert len(ids) == 1 and await kept(mill) == [*ids]
        assert len({*ids, await mill.keep(workflow, SECOND), await mill.keep(other, FIRST)}) == 3


async def test_a_run_keeps_the_draft_that_it_began_with_over_a_restart(database: Database) -> None:
    async with Mill(database) as mill:
        workflow = await mill.publish(FIRST)
        published = await mill.begin(workflow, 1, FIRST)
        trying = await mill.begin(workflow, None, SECOND, draft=await mill.keep(workflow, SECOND))
        assert {event.run_id: event.version for event in mill.events} == {published: 1, trying: None}
    async with Mill(database) as mill:
        await mill.work_off(lambda key, given: None)
        rows = await mill.rows.fetch("select run_id, parameters from node_runs where key = 'b'")
        assert {row["run_id"]: row["parameters"] for row in rows} == {
            published: '{"x": "first"}', trying: '{"x": "second"}',
        }  # fmt: skip
        assert [await mill.status(run) for run in (published, trying)] == ["completed", "completed"]


async def test_what_fails_while_it_is_tried_out_is_no_dead_letter(database: Database) -> None:
    async with Mill(database) as mill:
        workflow = await mill.publish(FIRST)
        run = await mill.begin(workflow, None, FIRST, draft=await mill.keep(workflow, FIRST))
        await mill.fail("a")
        assert await mill.status(run) == "failed"
        assert await mill.rows.fetchval("select count(*) from dead_letters") == 0


async def test_a_draft_goes_with_its_last_run_and_not_before_a_run_could_begin(
    database: Database, pool: asyncpg.Pool
) -> None:
    async with Mill(database) as mill:
        workflow = await mill.publish(FIRST)
        used, unused = await mill.keep(workflow, FIRST), await mill.keep(workflow, SECOND)
        run = await mill.begin(workflow, None, FIRST, draft=used)
        retention = Retention(pool, days=30)
        await retention.sweep()
        assert await kept(mill) == [used, unused]
        await age(mill, 2 * BEGINS_WITHIN)
        await retention.sweep()
        assert await kept(mill) == [used]
        await mill.finish("a")
        await mill.finish("b")
        sql = "update workflow_runs set created_at = $2, ended_at = $2 where id = $1"
        await mill.rows.execute(sql, run, await mill.rows.fetchval("select now() - interval '40 days'"))
        await retention.sweep()
        assert await kept(mill) == []


async def test_a_run_is_of_one_of_both(database: Database) -> None:
    async with Mill(database) as mill:
        workflow = await mill.publish(FIRST)
        run = await mill.begin(workflow, 1, FIRST)
        draft = await mill.keep(workflow, FIRST)
        for change in ("version = null", f"draft_id = {draft}"):
            with pytest.raises(asyncpg.CheckViolationError):
                await mill.rows.execute(f"update workflow_runs set {change} where id = $1", run)
