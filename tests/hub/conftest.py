"""A hub's API in this process, with real PostgreSQL behind it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from corral_hub.accounts.actions import Accounts
from corral_hub.accounts.passwords import Passwords
from corral_hub.bus.bus import Bus
from corral_hub.db.database import Database
from corral_hub.projects.actions import Projects
from corral_hub.servers.actions import Servers
from corral_hub.settings import Settings
from tests.hub.api import SECRET, Api
from tests.hub_process import hub

__all__ = ["hub"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def passwords() -> Passwords:
    """Argon2id at its cheapest: the tests are about what is hashed, not about how long it takes."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
async def accounts(database: Database, settings: Settings, passwords: Passwords) -> Accounts:
    made = Accounts(database, settings, SECRET, passwords)
    await made.load()
    return made


@pytest.fixture
async def projects(database: Database) -> Projects:
    made = Projects(database)
    await made.default()
    return made


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
async def servers(database: Database, settings: Settings, bus: Bus) -> Servers:
    made = Servers(database, settings, bus)
    await made.start()
    return made


@pytest.fixture
async def api(accounts: Accounts, projects: Projects, servers: Servers, settings: Settings) -> AsyncIterator[Api]:
    async with Api(accounts, projects, servers, settings) as opened:
        yield opened
