"""The tables the code knows are the tables the migrations make; and presence is written for many at once."""

import asyncio
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, text

from corral_hub.db.database import Database
from corral_hub.db.migrate import migrate
from corral_hub.schema import metadata
from corral_hub.servers.actions import Servers
from corral_protocol.capabilities import Capabilities


async def test_migrations_make_the_declared_tables(database: Database) -> None:
    def compare(connection: Connection) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with database.read() as connection:
        assert await connection.run_sync(compare) == []


async def test_migrations_make_the_declared_checks(database: Database) -> None:
    """Alembic compares no checks, and its autogeneration passes over those of single columns."""
    declared = {
        (table.name, str(check.name).removeprefix(f"ck_{table.name}_"))
        for table in metadata.sorted_tables
        for check in (*table.constraints, *(each for column in table.columns for each in column.constraints))
        if isinstance(check, CheckConstraint)
    }
    async with database.read() as connection:
        rows = await connection.execute(
            text("select conrelid::regclass::text, conname from pg_constraint where contype = 'c'")
        )
    made = {(table, name.removeprefix(f"ck_{table}_")) for table, name in rows}
    assert declared - made == set()


async def test_hubs_that_start_together_migrate_once(database: Database) -> None:
    await asyncio.gather(*(migrate(database.engine) for _ in range(4)))


async def test_presence_of_many_is_written_at_once(servers: Servers) -> None:
    ids = []
    for number in range(3):
        token = (await servers.create_token("test", None, None))["token"]
        facts = {"name": f"box{number}", "hostname": "", "os": "", "machine_id": "", "system_info": {}}
        ids.append((await servers.register(token, facts, Capabilities()))[0].id)
    for id in ids:
        servers.seen(id)
    await servers.flush(frozenset(ids[:1]))
    found = [await servers.find(id) for id in ids]
    assert [server.status for server in found if server] == ["offline", "online", "online"]
    assert all(server is not None and server.last_heartbeat is not None for server in found)
