"""Boards: whatever is asked for in whatever order, page after page shows every task that fits, once, in that order."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.db.database import Database
from corral_hub.errors import Unprocessable
from corral_hub.tasks import board, cards
from corral_hub.tasks.board import Filter, Sort, list_query
from corral_hub.tasks.model import Task
from corral_hub.tasks.overview import Overview
from corral_protocol.vocabulary import LIVE, TaskStatus
from tests.hub.samples import PROJECT
from tests.hub.test_query_plans import an_id

TASKS = 240
FILL = f"""
create function an_id(kind text, number bigint) returns uuid immutable language sql
    as $$ select md5(kind || number)::uuid $$;
insert into projects (id, name, status, settings, created_at)
    values ('{PROJECT}', 'p', 'active', '{{}}', now()), (an_id('p', 1), 'q', 'active', '{{}}', now());
insert into tasks (id, project_id, title, type, priority, status, plan_mode, auto, waiting_on, created_by, created_at,
                   updated_at, assigned_server_id)
    select an_id('t', n), case n % 2 when 0 then '{PROJECT}'::uuid else an_id('p', 1) end,
        case n % 7 when 0 then 'Fix 100% of it_' else 'Write ' end || n,
        case n % 5 when 0 then 'docs' else 'chore' end,
        (array['low', 'normal', 'high', 'critical'])[n % 4 + 1],
        (array['pending', 'running', 'done', 'failed', 'review', 'cancelled'])[n % 6 + 1],
        'off', true, 0, 'user:x', timestamptz '2030-01-01' + (n / 3) * interval '1 s',
        timestamptz '2030-01-01' + (n * 7 % 50) * interval '1 s', an_id('s', n % 3)
    from generate_series(1, {TASKS}) n;
insert into task_dependencies (id, task_id, depends_on_task_id, dependency_type, resolved)
    select an_id('d', n), an_id('t', n), an_id('t', n / 2), 'blocks', false from generate_series(2, 60) n;
"""
FILTERS: dict[str, Filter] = {
    "all": Filter(),
    "a project": Filter(project_id=PROJECT),
    "states": Filter(statuses=("pending", "review")),
    "ended": Filter(statuses=("done", "failed")),
    "words": Filter(text="writ 2"),
    "literal signs": Filter(text="100% it_"),
    "signs that mean something else": Filter(text="100_ it%"),
    "an id": Filter(text=str(an_id("t", 5))[:13].upper()),
    "a type": Filter(type="docs", project_id=PROJECT),
    "a server and priorities": Filter(server_id=an_id("s", 1), priorities=("high", "critical")),
    "since": Filter(updated_since=datetime(2030, 1, 1, 0, 0, 20, tzinfo=UTC)),
    "nothing": Filter(text="nowhere to be found"),
}


@pytest.fixture
async def overview(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Overview]:
    monkeypatch.setattr(board, "WALK", 17)
    connection = await database.connect_raw()
    await connection.execute(FILL)
    await connection.close()
    pool: asyncpg.Pool = await database.pool()
    yield Overview(pool)
    await pool.close()


async def everything(overview: Overview, wanted: Filter) -> list[Task]:
    """Return every page after the other."""
    found: list[Task] = []
    for _ in range(TASKS):
        page, cursor = await overview.find(wanted)
        assert len(page) <= wanted.limit
        found += [task for task, _ in page]
        if cursor is None:
            return found
        wanted = replace(wanted, cursor=cursor)
    raise AssertionError("the pages never end")


def fits(task: Task, wanted: Filter) -> bool:
    words = (wanted.text or "").lower().split()
    return (
        wanted.project_id in (None, task.project_id)
        and (not wanted.statuses or task.status.value in wanted.statuses)
        and all(word in task.title.lower() or str(task.id).startswith(word) for word in words)
        and wanted.type in (None, task.type)
        and wanted.server_id in (None, task.assigned_server_id)
        and (not wanted.priorities or task.priority.value in wanted.priorities)
        and (wanted.updated_since is None or task.updated_at >= wanted.updated_since)
        and (wanted.sort is not Sort.PRIORITY or task.status in LIVE)
    )


def key(sort: Sort, task: Task) -> tuple[Any, ...]:
    """Newest first is the same as the oldest last."""
    if sort is Sort.PRIORITY:
        return board.RANKED.index(task.priority.value), task.created_at, task.id
    moment = task.updated_at if sort is Sort.UPDATED else task.created_at
    return -moment.timestamp(), -task.id.int


async def test_pages(overview: Overview) -> None:
    every = await everything(overview, Filter(limit=500))
    assert len(every) == TASKS
    for name, narrowing in FILTERS.items():
        for sort in Sort if name != "ended" else (Sort.CREATED, Sort.UPDATED):
            wanted = replace(narrowing, sort=sort, limit=7, cards=True)
            expected = sorted((task for task in every if fits(task, wanted)), key=lambda task: key(sort, task))
            found = await everything(overview, wanted)
            assert [task.id for task in found] == [task.id for task in expected], (name, sort)


async def test_numbers(overview: Overview, monkeypatch: pytest.MonkeyPatch) -> None:
    every = await everything(overview, Filter(limit=500))
    for name, wanted in FILTERS.items():
        told = await overview.counts(wanted)
        expected = {status: sum(fits(t, wanted) and t.status is status for t in every) for status in TaskStatus}
        assert (told["counts"], told["cut"]) == (expected, False), name
        assert told["total"] == sum(expected.values())
    monkeypatch.setattr(board, "COUNTED", 10)
    monkeypatch.setattr("corral_hub.tasks.overview.COUNTED", 10)
    few = await overview.counts(Filter())
    assert few["cut"] and few["counts"][TaskStatus.PENDING] == TASKS / 6


async def test_the_graph_around_a_task(overview: Overview, monkeypatch: pytest.MonkeyPatch) -> None:
    def numbers(found: list[tuple[Task, str | None]]) -> set[int]:
        return {int("".join(filter(str.isdigit, task.title.split()[-1].split("_")[-1]))) for task, _ in found}

    found, edges, cut = await overview.graph(None, an_id("t", 4), 1)
    assert (numbers(found), len(edges), cut) == ({4, 2, 8, 9}, 3, False)
    found, edges, cut = await overview.graph(None, an_id("t", 4), 2)
    assert (numbers(found), len(edges)) == ({4, 2, 8, 9, 1, 5, 16, 17, 18, 19}, 9)
    found, _, _ = await overview.graph(PROJECT, an_id("t", 4), 2)
    assert numbers(found) == {4, 2, 8, 16, 18}, "another project's do not exist"
    monkeypatch.setattr("corral_hub.tasks.overview.MOST", 3)
    found, edges, cut = await overview.graph(None, an_id("t", 4), 9)
    assert (len(found), len(edges), cut) == (3, 2, True)
    found, _, cut = await overview.graph(PROJECT, None, 1)
    assert len(found) == 3 and cut and all(task.project_id == PROJECT for task, _ in found)


@pytest.mark.parametrize("cursor", ["", "x", "9.MjAzMA==", "1.x", "....", "2030-01-01T00:00:00+00:00|x"])
@pytest.mark.parametrize("sort", Sort)
def test_cursors_that_are_none(sort: Sort, cursor: str) -> None:
    with pytest.raises(Unprocessable):
        list_query(Filter(sort=sort, cursor=cursor))


def test_what_has_ended_is_not_ordered_by_priority() -> None:
    with pytest.raises(Unprocessable, match="any number"):
        list_query(Filter(sort=Sort.PRIORITY, statuses=("running", "done")))


IDS = st.integers(0, 30).map(lambda number: UUID(int=number))
EDGES = st.lists(st.fixed_dictionaries({"task_id": IDS, "depends_on_task_id": IDS}), max_size=40)


@given(st.sets(IDS, min_size=1), EDGES, st.integers(0, 40))
def test_a_graph_grows_within_its_bounds(known: set[UUID], edges: list[dict[str, UUID]], most: int) -> None:
    new, cut = cards.grow(known, edges, most)
    ends = {edge[name] for edge in edges for name in edge} - known
    assert new <= ends and (new == ends) is not cut
    assert len(known | new) <= max(most, len(known))
