"""Migrations on PostgreSQL: one head, from nothing to the newest schema, once, however many hubs start together."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from corral_hub.db.database import Database
from corral_hub.db.migrate import alembic_config, migrate
from corral_hub.schema import metadata
from tests.conftest import at


@pytest.fixture
async def empty(postgres: str) -> AsyncIterator[str]:
    """The URL of a database that no migration has seen."""
    name = f"corral_empty_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(at(postgres, "postgres"))
    await connection.execute(f"create database {name}")
    try:
        yield at(postgres, name)
    finally:
        await connection.execute(f"drop database if exists {name} with (force)")
        await connection.close()


def heads(connection: Connection) -> tuple[list[str], tuple[str, ...]]:
    """Return the heads of the scripts, and of this database."""
    script = ScriptDirectory.from_config(alembic_config(connection))
    return list(script.get_heads()), MigrationContext.configure(connection).get_current_heads()


async def snapshot(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as connection:
        rows = await connection.exec_driver_sql("select oid, relname, relfilenode from pg_class order by oid")
        return [tuple(row) for row in rows]


async def test_there_is_one_head_and_the_database_is_there(database: Database) -> None:
    async with database.read() as connection:
        known, current = await connection.run_sync(heads)
    assert len(known) == 1
    assert current == tuple(known)


async def test_migrating_again_touches_nothing(database: Database) -> None:
    before = await snapshot(database)
    await migrate(database.engine)
    assert await snapshot(database) == before


async def test_hubs_that_start_together_on_an_empty_database(empty: str) -> None:
    async with AsyncExitStack() as stack:
        hubs = [Database(empty) for _ in range(3)]
        for hub in hubs:
            stack.push_async_callback(hub.close)
        await asyncio.gather(*(migrate(hub.engine) for hub in hubs))
        async with hubs[0].read() as connection:
            known, current = await connection.run_sync(heads)
            rows = await connection.exec_driver_sql("select tablename from pg_tables where schemaname = 'public'")
            assert {row[0] for row in rows} == {*metadata.tables, "alembic_version"}
            count = await connection.exec_driver_sql("select count(*) from alembic_version")
            assert count.scalar_one() == 1
        assert current == tuple(known)
