"""Migrations on PostgreSQL: one head, from nothing to the newest schema, once, however many hubs start together."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest
from alembic import command
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from corral_hub.db.database import Database
from corral_hub.db.migrate import alembic_config, migrate
from corral_hub.schema import metadata
from corral_hub.workflows import secrets as secrets_of
from corral_hub.workflows.vault import Vault
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


HOOK = {"id": "h", "type": "webhookTrigger", "parameters": {"path": "p", "secret": "k3y", "headerValue": 7, "n": 0.1}}
OLD = """
    with p as (insert into projects (id, name, status, settings, created_at)
        values (gen_random_uuid(), 'p', 'active', '{}', now()) returning id),
    w as (insert into workflows (project_id, name, draft, version, created_by, created_at, updated_at)
        select id, 'w', $1, 1, 'ada', now(), now() from p returning id)
    insert into workflow_versions (workflow_id, number, definition, created_by, created_at)
        select w.id, n, $1, 'ada', now() from w, generate_series(1, 2) n"""


async def test_secrets_move_out_of_definitions_that_were_there_before(empty: str) -> None:
    hub = Database(empty)
    try:
        async with hub.engine.connect() as connection:
            await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "0013"))
            await connection.commit()
        definition = {"nodes": [{"id": "x", "type": "work", "parameters": {"secret": "mine"}}, HOOK], "edges": []}
        raw = await hub.connect_raw()
        await raw.execute(OLD, json.dumps(definition))
        await migrate(hub.engine)
        stored = await raw.fetch(
            "select draft as d from workflows union all select definition from workflow_versions order by 1"
        )
        assert len({row["d"] for row in stored}) == 1 and "k3y" not in stored[0]["d"]
        moved = json.loads(stored[0]["d"])
        assert moved["nodes"][0] == definition["nodes"][0]
        names = {place.name: text for place, text in secrets_of.find(moved, {}).items()}
        vault = Vault(hub, "x" * 32)
        await vault.seal_bare()
        (id,) = [row["id"] for row in await raw.fetch("select id from workflows")]
        assert [await vault.open(id, names[name]) for name in ("secret", "headerValue")] == ["k3y", "7"]
        boxes = await raw.fetch("select box from workflow_secrets where sealed and published")
        assert len(boxes) == 2 and not any(b"k3y" in row["box"] for row in boxes)
        await raw.close()
    finally:
        await hub.close()


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
