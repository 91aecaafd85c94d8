"""Ends of tasks begin runs: heard as they happen, or read from the log by a hub that was down; each of them once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import orjson
import pytest

from corral_hub.bus.bus import Bus
from corral_hub.db.database import Database
from corral_hub.tasks.queries import TaskQueries
from corral_hub.triggers import listening
from corral_hub.triggers.listening import Listener
from corral_hub.workflows.queries import WorkflowQueries
from corral_protocol.vocabulary import ErrorClass
from tests.hub.heart import Heart
from tests.hub.reporting import Spool
from tests.hub.samples import server
from tests.hub.triggers.house import WORK, House

MINUTE = timedelta(minutes=1)


def watch(**parameters: Any) -> dict[str, Any]:
    return {"id": "t", "type": "taskTrigger", "parameters": parameters}


class Ears:
    """A listener with its bus, in a house."""

    def __init__(self, house: House, listener: Listener, bus: Bus) -> None:
        self.house, self.listener, self.bus = house, listener, bus

    async def read_up(self) -> None:
        """Let it read what it missed, to the end."""
        self.listener.start()
        await self.quiet()

    async def quiet(self) -> None:
        """Return once everything that was heard or read has been seen to."""
        while self.listener._at_work:
            await asyncio.gather(*self.listener._at_work)

    async def told(self, id: int) -> list[tuple[str, str]]:
        """Return (task, status) that the runs of a workflow began with, in the order in which they began."""
        payloads = [orjson.loads(run["fact"])["payload"] for run in await self.house.runs(id)]
        return sorted((payload["task_id"], payload["status"]) for payload in payloads)


@asynccontextmanager
async def hub(database: Database, patch: pytest.MonkeyPatch, later: timedelta = timedelta()) -> AsyncIterator[Ears]:
    pool = await database.pool()
    house, bus = House(database, patch), Bus()
    house.now += later
    listener = Listener(house.launcher, house.reactor, TaskQueries(pool), WorkflowQueries(pool), pool, bus)
    try:
        async with house:
            yield Ears(house, listener, bus)
            await listener.stop()
    finally:
        await pool.close()


class Shop(Heart):
    """Where tasks are done, at once: a machine takes each, and reports."""

    def __init__(self, database: Database) -> None:
        view = server("anvil")
        super().__init__(database, view)
        self._spool = Spool(view.id)

    async def end(self, title: str, error: ErrorClass | None = None) -> str:
        """Let a task be made and end; return its id."""
        task = await self.create(title)
        epoch = (await self.task(task.id)).epoch
        await self.ask(self._spool.started(task.id, epoch))
        await self.ask(self._spool.finished(task.id, epoch, {"n": 1}, error))
        return str(task.id)


async def test_what_ended_while_the_hub_was_down_begins_one_run_each(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Shop(database) as shop:
        async with hub(database, monkeypatch) as ears:
            before = await shop.end("before it was deployed")
            ears.house.now += MINUTE
            all_of_them = await ears.house.deploy(watch(), WORK, edges=("tw",))
            failed_ones = await ears.house.deploy(watch(status_filter="error"), WORK, edges=("tw",))
            ears.house.now += MINUTE
            good, bad = await shop.end("good"), await shop.end("bad", ErrorClass.REPORTED)
        for _ in range(3):  # however often it starts
            async with hub(database, monkeypatch, later=5 * MINUTE) as ears:
                await ears.read_up()
                told = await ears.told(all_of_them)
                assert told == sorted([(good, "completed"), (bad, "error")])
                assert before not in str(told)
                assert await ears.told(failed_ones) == [(bad, "error")]


async def test_what_was_heard_is_not_read_once_more(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub heard one end, and died before it heard the other, a moment later."""
    async with Shop(database) as shop:
        async with hub(database, monkeypatch) as ears:
            id = await ears.house.deploy(watch(), WORK, edges=("tw",))
            ears.house.now += MINUTE
            heard = await shop.end("heard")
            for fact in shop.events:
                ears.bus.publish(fact)
                ears.bus.publish(fact)
            await ears.quiet()
            assert await ears.told(id) == [(heard, "completed")]
            ears.house.now += timedelta(seconds=1)
            missed = await shop.end("missed")
        async with hub(database, monkeypatch, later=2 * MINUTE) as ears:
            await ears.read_up()
            assert await ears.told(id) == sorted([(heard, "completed"), (missed, "completed")])


async def test_the_log_is_read_a_page_at_a_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "PAGE", 3)
    async with Shop(database) as shop:
        async with hub(database, monkeypatch) as ears:
            id = await ears.house.deploy(watch(), WORK, edges=("tw",))
            ears.house.now += MINUTE
            ended = [await shop.end(f"task {number}") for number in range(8)]
        async with hub(database, monkeypatch, later=2 * MINUTE) as ears:
            await ears.read_up()
            assert await ears.told(id) == sorted((task, "completed") for task in ended)


async def test_a_task_that_is_at_work_again_has_not_ended(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Shop(database) as shop:
        async with hub(database, monkeypatch) as ears:
            id = await ears.house.deploy(watch(), WORK, edges=("tw",))
            ears.house.now += MINUTE
            task = await shop.end("failed, then tried again", ErrorClass.REPORTED)
            rows = await shop.rows.execute("update tasks set status = 'pending' where id = $1::uuid", task)
            assert rows == "UPDATE 1"
        async with hub(database, monkeypatch, later=2 * MINUTE) as ears:
            await ears.read_up()
            assert await ears.told(id) == []
