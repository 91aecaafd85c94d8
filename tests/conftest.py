"""PostgreSQL for the tests: a real server for the run, a migrated template in it, a fresh copy for each test."""

import asyncio
import os
import secrets
import shutil
import signal
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog
from hypothesis import settings
from sqlalchemy.engine import make_url

from corral_hub.db.database import Database
from corral_hub.db.migrate import migrate

# The same examples in every run and no clock: what fails fails again. `--hypothesis-profile=search` looks further.
settings.register_profile("ci", settings.get_profile("ci"), max_examples=60)
settings.register_profile("brief", settings.get_profile("ci"), max_examples=10)
settings.register_profile("search", settings.get_profile("ci"), max_examples=2000, derandomize=False)
settings.load_profile("ci")

# A shell has what it runs behind an & ignore Ctrl-C, and so would all that these tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Plain lines: structlog's default draws each traceback with the values of all locals, which takes seconds.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
    ]
)

UNHURRIED = ("acceptance", "takeover", "dashboard", "terminals", "remote", "deploy", "interop", "api")
"""Folders whose tests start hubs, daemons and browsers and wait for them, the slowest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: with several workers, a long file at the end would leave all but one idle."""
    items.sort(key=lambda item: _turn(item.path.relative_to(Path(__file__).parent).parts[0]))


def _turn(folder: str) -> int:
    return UNHURRIED.index(folder) if folder in UNHURRIED else len(UNHURRIED)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server to make databases on: CORRAL_TEST_DATABASE_URL, or one started for this run."""
    if given := os.environ.get("CORRAL_TEST_DATABASE_URL"):
        yield given
        return
    with warnings.catch_warnings():  # the wheel complains, when imported, where XDG_RUNTIME_DIR is not set
        warnings.simplefilter("ignore")
        from corral_hub.db.embedded import Embedded
    directory = Path(tempfile.mkdtemp(prefix="corral-tests-"))
    server = Embedded(directory / "postgres")
    try:
        url = server.start()
        apart(lambda: _hurry(url))
        yield url
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def template(postgres: str) -> Iterator[str]:
    """The name of a database with the newest schema and no rows. Workers of pytest-xdist have one each."""
    name = f"corral_template_{os.getpid()}_{secrets.token_hex(4)}"
    apart(lambda: _execute(postgres, f"create database {name}"))
    try:
        apart(lambda: _migrate(at(postgres, name)))
        yield name
    finally:
        apart(lambda: _execute(postgres, f"drop database if exists {name} with (force)"))


@pytest.fixture
async def database_url(postgres: str, template: str) -> AsyncIterator[str]:
    """The URL of a database of this test's own, migrated and empty; gone afterwards."""
    name = f"corral_test_{os.getpid()}_{secrets.token_hex(6)}"
    await _execute(postgres, f"create database {name} template {template}")
    try:
        yield at(postgres, name)
    finally:
        await _execute(postgres, f"drop database if exists {name} with (force)")


@pytest.fixture(scope="module")
def module_database_url(postgres: str, template: str) -> Iterator[str]:
    """The URL of a database that the tests of one file share, for those whose set-up costs more than they do."""
    name = f"corral_test_{os.getpid()}_{secrets.token_hex(6)}"
    apart(lambda: _execute(postgres, f"create database {name} template {template}"))
    try:
        yield at(postgres, name)
    finally:
        apart(lambda: _execute(postgres, f"drop database if exists {name} with (force)"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    try:
        yield opened
    finally:
        await opened.close()


def at(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    return make_url(url).set(database=name, drivername="postgresql").render_as_string(hide_password=False)


def apart(make: Callable[[], Any]) -> Any:
    """Run a coroutine on a loop of its own: fixtures of the session live outside the tests' loops.

    In a thread of its own, too: where a browser is driven, this thread has a running loop.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(make())).result()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _hurry(url: str) -> None:
    """No test pulls the plug: what this server writes need not reach the disk."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        await _execute(url, f"alter system set {setting} = off")
    await _execute(url, "select pg_reload_conf()")


async def _migrate(url: str) -> None:
    database = Database(url)
    try:
        await migrate(database.engine)
    finally:
        await database.close()
