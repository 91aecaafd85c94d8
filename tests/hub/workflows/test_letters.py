"""Dead letters on real PostgreSQL: each replay is one run, however many ask for it at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from corral_hub.bus.bus import Bus
from corral_hub.db.database import Database
from corral_hub.errors import NotFound
from corral_hub.projects.actions import Projects
from corral_hub.workflows.actions import Workflows
from corral_hub.workflows.letters import Letters
from corral_hub.workflows.progress import Progress
from corral_hub.workflows.queries import WorkflowQueries
from corral_hub.workflows.runs import Runs
from corral_hub.workflows.vault import Vault
from tests.hub.samples import ADMIN, new_id
from tests.hub.workflows.mill import Mill
from tests.hub.workflows.playing import graph_of

CHAIN = graph_of("a", {"id": "b", "parameters": {"x": "{{a.n}}"}}, "c", edges="a>b b>c")


@dataclass
class Office:
    mill: Mill
    runs: Runs
    letters: Letters

    async def bury(self) -> tuple[int, UUID]:
        """Let a run fail for good; return (letter, run)."""
        run = await self.mill.start(CHAIN)
        await self.mill.finish("a", {"n": 3})
        await self.mill.fail("b")
        return int(await self.mill.rows.fetchval("select id from dead_letters where run_id = $1", run)), run

    async def replay(self, letter: int) -> Any:
        return await self.letters.replay(ADMIN, letter)

    async def count(self) -> int:
        return int(await self.mill.rows.fetchval("select count(*) from workflow_runs"))


@pytest.fixture
async def office(database: Database, projects: Projects) -> AsyncIterator[Office]:
    async with opened(database, projects) as made:
        yield made


@asynccontextmanager
async def opened(database: Database, projects: Projects) -> AsyncIterator[Office]:
    pool = await database.pool()
    try:
        async with Mill(database) as mill:
            bus = Bus()
            workflows = Workflows(database, WorkflowQueries(pool), projects, mill.fleet, bus, Vault(database, "x" * 32))
            runs = Runs(workflows, mill.reactor, mill.engine, Progress(mill.engine, bus))
            yield Office(mill, runs, Letters(database, runs, bus))
    finally:
        await pool.close()


async def test_all_who_ask_at_once_get_the_same_run(office: Office) -> None:
    letter, _ = await office.bury()
    views = await asyncio.gather(*(office.replay(letter) for _ in range(8)))
    assert len({view["id"] for view in views}) == 1
    assert await office.count() == 2
    assert [key for key in office.mill.assigned() if key == "b"] == ["b"]
    assert len(office.mill.sent) == 3, "b was given out once more"


async def test_a_replay_keeps_the_input_and_the_key_and_its_success_takes_the_letter_away(office: Office) -> None:
    letter, first = await office.bury()
    view = await office.replay(letter)
    given = office.mill.assigned()["b"]
    assert (given.parameters, given.idempotency_key) == ({"x": 3}, f"{first}/b")
    await office.mill.finish("b")
    await office.mill.finish("c")
    assert await office.mill.status(UUID(view["id"])) == "completed"
    with pytest.raises(NotFound):
        await office.letters.show(ADMIN, letter)


async def test_a_replay_that_fails_leaves_one_letter_to_be_replayed_again(office: Office) -> None:
    letter, _ = await office.bury()
    first = await office.replay(letter)
    await office.mill.fail("b")
    shown = await office.letters.show(ADMIN, letter)
    assert (shown["replays"], shown["replay_run_id"]) == (1, None)
    second = await office.replay(letter)
    assert second["id"] != first["id"]
    assert await office.mill.rows.fetchval("select count(*) from dead_letters") == 1


async def test_who_asks_for_a_run_that_somebody_began_and_that_is_over_is_shown_it(office: Office) -> None:
    """The one came first by so much that its run has ended before the other's order is decided."""
    letter, run = await office.bury()
    same = new_id()
    await office.runs.retry(ADMIN, str(run), None, run_id=same, letter=letter)
    await office.mill.finish("b")
    await office.mill.finish("c")
    view = await office.runs.retry(ADMIN, str(run), None, run_id=same, letter=letter)
    assert (view["id"], view["status"]) == (str(same), "completed")
    assert await office.count() == 2


async def test_a_replay_goes_on_after_a_restart_and_is_not_begun_again(database: Database, projects: Projects) -> None:
    async with opened(database, projects) as office:
        letter, _ = await office.bury()
        before = await office.replay(letter)
    async with opened(database, projects) as office:
        assert (await office.replay(letter))["id"] == before["id"]
        await office.mill.work_off(lambda key, given: key)
        assert await office.mill.status(UUID(before["id"])) == "completed"
        assert await office.mill.rows.fetchval("select count(*) from dead_letters") == 0
