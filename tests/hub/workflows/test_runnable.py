"""What is remembered of workflows is what is stored: each change is seen by whatever begins after it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from corral_hub.bus.bus import Bus
from corral_hub.db.database import Database
from corral_hub.dispatch.fleet import Fleet
from corral_hub.errors import NotFound
from corral_hub.projects.actions import Projects
from corral_hub.workflows.actions import Workflows
from corral_hub.workflows.bodies import CreateWorkflowBody, UpdateWorkflowBody
from corral_hub.workflows.queries import Row, WorkflowQueries
from corral_hub.workflows.runnable import MOST, Runnables
from corral_hub.workflows.vault import Vault
from tests.hub.samples import ADMIN
from tests.hub.workflows.mill import ANVIL

WORK = {"nodes": [{"id": "a", "type": "work"}], "edges": []}


class Counted(WorkflowQueries):
    """Counts the readings, and can hold one back after it was answered."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self.readings = 0
        self.read, self.released = asyncio.Event(), asyncio.Event()
        self.released.set()

    async def runnable(self, id: int) -> Row | None:
        self.readings += 1
        row = await super().runnable(id)
        self.read.set()
        await self.released.wait()
        return row


def a_fleet() -> Fleet:
    fleet = Fleet()
    fleet.put(ANVIL)
    return fleet


@pytest.fixture
async def queries(database: Database) -> AsyncIterator[Counted]:
    async with opened(database) as made:
        yield made


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[Counted]:
    pool = await database.pool()
    try:
        yield Counted(pool)
    finally:
        await pool.close()


async def test_each_change_is_seen_and_what_did_not_change_is_not_read_again(
    queries: Counted, database: Database, projects: Projects
) -> None:
    workflows = Workflows(database, queries, projects, a_fleet(), Bus(), Vault(database, "x" * 32))
    made = await workflows.create(ADMIN, CreateWorkflowBody(name="first", definition=WORK, publish=True))
    id = str(made["id"])
    assert (await workflows.runnable(ADMIN, id)).version == 1
    assert (await workflows.runnable(ADMIN, id)).name == "first"
    assert queries.readings == 1
    await workflows.publish(ADMIN, id, "")
    assert (await workflows.runnable(ADMIN, id)).version == 2
    await workflows.update(ADMIN, id, UpdateWorkflowBody(name="second"))
    assert (await workflows.runnable(ADMIN, id)).name == "second"
    assert (await workflows.runnable(ADMIN, "second")).id == int(id)
    await workflows.rollback(ADMIN, id, 1)
    assert (await workflows.runnable(ADMIN, id)).version == 3
    await workflows.remove(ADMIN, id)
    with pytest.raises(NotFound):
        await workflows.runnable(ADMIN, id)


async def test_a_reading_that_a_change_overtook_is_not_kept(
    queries: Counted, database: Database, projects: Projects
) -> None:
    workflows = Workflows(database, queries, projects, a_fleet(), Bus(), Vault(database, "x" * 32))
    made = await workflows.create(ADMIN, CreateWorkflowBody(name="raced", definition=WORK, publish=True))
    queries.released.clear()
    reading = asyncio.create_task(workflows.runnable(ADMIN, str(made["id"])))
    await queries.read.wait()
    await workflows.publish(ADMIN, str(made["id"]), "")
    queries.released.set()
    await reading
    assert (await workflows.runnable(ADMIN, str(made["id"]))).version == 2


async def test_no_more_is_remembered_than_is_worth_it(queries: Counted, database: Database, projects: Projects) -> None:
    workflows = Workflows(database, queries, projects, a_fleet(), Bus(), Vault(database, "x" * 32))
    one = (await workflows.create(ADMIN, CreateWorkflowBody(name="one", definition=WORK)))["id"]
    two = (await workflows.create(ADMIN, CreateWorkflowBody(name="two", definition=WORK)))["id"]
    known = Runnables(queries, most=1)
    assert MOST > 1
    for id in (one, two, two, one):
        found = await known.find(id)
        assert found is not None and found.version is None
    assert queries.readings == 3
