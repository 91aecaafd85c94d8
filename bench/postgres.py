"""A PostgreSQL of the benchmark's own, durable as it comes: fsync on, a migrated template, a fresh copy a case."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

from corral_hub.db.database import Database
from corral_hub.db.embedded import Embedded
from corral_hub.db.migrate import migrate

TEMPLATE = "corral_bench_template"


@contextmanager
def running(given: str | None) -> Iterator[str]:
    """The URL of a server to make databases on: `given`, or an embedded one that is gone afterwards."""
    if given:
        yield given
        return
    directory = Path(tempfile.mkdtemp(prefix="corral-bench-"))
    server = Embedded(directory / "postgres")
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


class Databases:
    """Makes databases on one server and drops them all at the end."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._names = (f"corral_bench_{number}" for number in count(1))
        self._made: list[str] = []

    async def prepare(self) -> None:
        await self._make(TEMPLATE)
        database = Database(self.at(TEMPLATE))
        await migrate(database.engine)
        await database.close()

    async def fresh(self, migrated: bool = True) -> str:
        """Return the URL of a new database, with the newest schema or without any."""
        name = next(self._names)
        await self._make(name, TEMPLATE if migrated else "template1")
        return self.at(name)

    async def drop(self) -> None:
        for name in self._made:
            await self._execute(f"drop database if exists {name} with (force)")

    async def facts(self) -> dict[str, str]:
        """Return what decides how durable and how fast this server is."""
        connection = await asyncpg.connect(self._url)
        try:
            names = ("server_version", "fsync", "synchronous_commit", "wal_sync_method", "shared_buffers")
            facts = {name: str(await connection.fetchval(f"show {name}")) for name in names}
            folder = str(await connection.fetchval("show data_directory"))
        finally:
            await connection.close()
        return {**facts, "filesystem": _filesystem(folder)}

    def at(self, name: str) -> str:
        return make_url(self._url).set(database=name, drivername="postgresql").render_as_string(hide_password=False)

    async def _make(self, name: str, template: str = "template1") -> None:
        await self._execute(f"drop database if exists {name} with (force)")
        await self._execute(f"create database {name} template {template}")
        self._made.append(name)

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.at("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _filesystem(folder: str) -> str:
    """Return the kind of file system under a folder of this machine; a commit on tmpfs proves nothing."""
    told = subprocess.run(["df", "--output=fstype", folder], capture_output=True, text=True)
    return told.stdout.split()[-1] if told.returncode == 0 else "unknown"
