"""What nodes log and how far they have come, as the hub keeps it: stored once, bounded, read in pieces, told live."""

import math
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from corral_hub.bus.facts import LinesEvent, ProgressEvent
from corral_hub.db.database import Database
from corral_hub.errors import Conflict
from corral_hub.workflows import rows
from corral_hub.workflows.progress import Progress
from corral_hub.workflows.queries import WorkflowQueries
from corral_protocol.nodes import NodeProgress
from corral_protocol.vocabulary import ErrorClass
from tests.hub.workflows.mill import ANVIL, Mill
from tests.hub.workflows.playing import graph_of

EACH = {"id": "e", "each": {"items": ["x", "y"]}}
AGAIN = {"id": "a", "retry": {"max_attempts": 2, "backoff": 0.01}}


@pytest.fixture
async def queries(database: Database) -> AsyncIterator[WorkflowQueries]:
    pool = await database.pool()
    yield WorkflowQueries(pool)
    await pool.close()


async def read(queries: WorkflowQueries, run: UUID, node: str | None = None, after: int = 0) -> list[Any]:
    pieces = await queries.logs(run, node, after, 100)
    return [(p["key"], p["attempt"], p["first"], p["dropped"], p["lines"]) for p in pieces]


async def test_lines_are_there_while_it_runs_and_after_another_attempt(
    database: Database, queries: WorkflowQueries
) -> None:
    async with Mill(database) as mill:
        heard: list[LinesEvent] = []
        run = await mill.start(graph_of(AGAIN))
        mill.bus.subscribe(LinesEvent, heard.append, about=run)
        await mill.log("a", 1, "one", "two")
        await mill.log("a", 10, "ten", dropped=7)
        assert await read(queries, run) == [("a", 1, 1, 0, '["one", "two"]'), ("a", 1, 10, 7, '["ten"]')]
        assert [(event.first, event.dropped, event.lines) for event in heard] == [
            (1, 0, ("one", "two")), (10, 7, ("ten",)),
        ]  # fmt: skip
        await mill.fail("a", ErrorClass.TIMEOUT)
        await mill.given("a", 2)
        await mill.finish("a")
        last = (await queries.logs(run, None, 0, 100))[1]["id"]
        assert await read(queries, run, after=last) == [("a", 2, 1, 0, '["did a"]')]
        (node,) = await queries.nodes(run)
        assert node["logs"] == '["did a"]'


async def test_an_attempt_that_was_given_away_says_nothing_more(database: Database, queries: WorkflowQueries) -> None:
    async with Mill(database) as mill:
        run = await mill.start(graph_of("a"))
        await mill.held(ANVIL)
        with pytest.raises(Conflict, match="not yours"):
            await mill.log("a", 1, "late", attempt=1)
        assert await read(queries, run) == []


async def test_a_node_is_read_with_its_items_and_without_others(database: Database, queries: WorkflowQueries) -> None:
    async with Mill(database) as mill:
        run = await mill.start(graph_of(EACH, "ee"))
        for key in ("e[0]", "ee", "e[1]"):
            await mill.log(key, 1, key)
        assert [piece[0] for piece in await read(queries, run, "e")] == ["e[0]", "e[1]"]
        assert [piece[0] for piece in await read(queries, run, "e[1]")] == ["e[1]"]
        assert [piece[0] for piece in await read(queries, run)] == ["e[0]", "ee", "e[1]"]


async def test_only_the_newest_of_a_flood_are_kept(
    database: Database, queries: WorkflowQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_TEXT", 3000)
    monkeypatch.setattr(rows, "TRIM_EVERY", 10)
    async with Mill(database) as mill:
        run = await mill.start(graph_of("a", "b"))
        await mill.log("b", 1, "stays")
        for piece in range(20):
            await mill.log("a", piece * 10 + 1, *(f"{piece * 10 + line}" for line in range(10)))
        assert [piece[0] for piece in await read(queries, run, "b")] == ["b"]
        kept = await read(queries, run, "a")
        assert 3 <= len(kept) <= 6
        assert kept[-1][2] == 191


async def test_progress_is_of_who_has_the_node_in_hand(database: Database) -> None:
    async with Mill(database) as mill:
        heard: list[ProgressEvent] = []
        progress = Progress(mill.engine, mill.bus)
        run = await mill.start(graph_of("a"))
        mill.bus.subscribe(ProgressEvent, heard.append, about=run)

        def say(done: float | None, attempt: int = 1, of: str = str(run), key: str = "a") -> NodeProgress:
            return NodeProgress(run_id=of, key=key, attempt=attempt, done=done, text="x" * 9000)

        progress.hear(ANVIL.id, say(0.25))
        progress.hear(uuid4(), say(0.5))
        progress.hear(ANVIL.id, say(0.5, attempt=2))
        progress.hear(ANVIL.id, say(0.5, of="no id"))
        progress.hear(ANVIL.id, say(0.5, of=str(uuid4())))
        progress.hear(ANVIL.id, say(0.5, key="\x00"))
        assert [(event.done, len(event.text)) for event in heard] == [(0.25, 500)]
        progress.hear(ANVIL.id, say(math.inf))
        progress.hear(ANVIL.id, say(7.0))
        assert [event.done for event in heard] == [0.25, None, 1.0]
        found = progress.of((run, "a"))
        assert found is not None and found.done == 1.0
        await mill.finish("a")
        assert progress.of((run, "a")) is None
