"""The lease on real PostgreSQL: one holder, and every way into the database closed for who was replaced."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from corral_hub.db.database import GONE, Database, is_away
from corral_hub.lease.keeper import Keeper
from corral_hub.lease.model import LeaseLost

TTL = 60.0
ENDED = (*GONE, asyncpg.OperatorInterventionError, DBAPIError)
EXPIRE = "update hub_lease set expires_at = clock_timestamp()"


class Hub:
    def __init__(self, url: str, name: str) -> None:
        self.database = Database(url)
        self.losses = 0
        self.keeper = Keeper(self.database, name, TTL, self.lose)

    def lose(self) -> None:
        self.losses += 1

    async def close(self) -> None:
        await self.keeper.release()
        await self.database.close()


@pytest.fixture
async def pair(database_url: str) -> AsyncIterator[tuple[Hub, Hub]]:
    hubs = Hub(database_url, "anvil:1"), Hub(database_url, "bellows:1")
    yield hubs
    for hub in hubs:
        await hub.close()


async def test_of_many_that_want_it_one_has_it(database_url: str) -> None:
    hubs = [Hub(database_url, f"hub:{number}") for number in range(6)]
    taken = await asyncio.gather(*(hub.keeper.take(0.0) for hub in hubs))
    assert sorted(taken) == [False] * 5 + [True]
    for hub in hubs:
        await hub.close()


async def test_what_is_given_back_is_taken_at_once_and_the_epoch_grows(pair: tuple[Hub, Hub]) -> None:
    one, two = pair
    assert await one.keeper.take(0.0)
    assert not await two.keeper.take(0.0)
    assert two.keeper.seen is not None
    assert (two.keeper.seen.name, two.keeper.seen.epoch) == ("anvil:1", 1)
    await one.keeper.release()
    assert await two.keeper.take(0.0)
    assert (one.losses, two.keeper.is_sure, one.keeper.is_sure) == (0, True, False)


async def test_who_was_replaced_has_no_way_into_the_database(pair: tuple[Hub, Hub]) -> None:
    """Connections of all kinds, with a transaction open on one of them: none commits, and none is opened anew."""
    one, two = pair
    assert await one.keeper.take(0.0)
    raw, pool = await one.database.connect_raw(), await one.database.pool()
    await raw.execute("create table marks (mark text)")
    transaction = raw.transaction()
    await transaction.start()
    await raw.execute("insert into marks values ('open when it was replaced')")
    async with one.database.begin() as engine:
        await engine.execute(text("insert into marks values ('before')"))
    other = await asyncpg.connect(one.database.engine.url.set(drivername="postgresql").render_as_string(False))
    await other.execute(EXPIRE)
    assert await two.keeper.take()
    with pytest.raises(ENDED):
        await transaction.commit()
    with pytest.raises(ENDED):
        await pool.execute("insert into marks values ('pool')")
    with pytest.raises(ENDED) as refused:
        async with one.database.begin() as engine:
            await engine.execute(text("insert into marks values ('engine')"))
    assert is_away(refused.value) or isinstance(refused.value, LeaseLost)
    with pytest.raises(LeaseLost):
        await one.database.connect_raw()
    assert [row["mark"] for row in await other.fetch("select mark from marks")] == ["before"]
    assert (one.losses, one.keeper.is_held, two.keeper.is_held) == (1, False, True)
    pool.terminate()
    await other.close()


async def test_one_whose_time_was_over_and_that_nobody_replaced_keeps_it(pair: tuple[Hub, Hub]) -> None:
    one, two = pair
    assert await one.keeper.take(0.0)
    async with one.database.begin() as engine:
        await engine.execute(text(EXPIRE))
    assert not await two.keeper.take(0.0), "it has a few looks to renew it"
    assert await one.keeper.renew(1)
    assert not await two.keeper.take(2.0)
    assert one.losses == 0
