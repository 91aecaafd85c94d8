"""Every hot query finds its rows by an index, in a database with 20,000 tasks of which few are alive.

A statement is prepared, executed as often as PostgreSQL needs to make up its mind about a general plan, and then asked
for the plan that it uses: what the hub gets after a while, not what it gets the first time.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from corral_hub import paging
from corral_hub.db.database import Database
from corral_hub.inbox import queries as inbox_queries
from corral_hub.recordings import queries as recording_queries
from corral_hub.sessions import queries as session_queries
from corral_hub.sessions.queries import Filter as SessionFilter
from corral_hub.tasks import board, load, overview, queries
from corral_hub.tasks.board import Filter, Sort, list_query
from corral_hub.tasks.queries import interventions_query
from corral_protocol.vocabulary import SessionStatus
from tests.hub.samples import PROJECT

TASKS = 20_000
BIG = {
    "tasks",
    "assignments",
    "activity_log",
    "task_output",
    "task_dependencies",
    "task_notes",
    "interventions",
    "sessions",
    "session_inputs",
    "recordings",
    "recording_segments",
}

FILL = f"""
create function an_id(kind text, number bigint) returns uuid immutable language sql
    as $$ select md5(kind || number)::uuid $$;
insert into projects (id, name, status, settings, created_at)
    select case n when 0 then '{PROJECT}'::uuid else an_id('p', n) end, 'p' || n, 'active', '{{}}', now()
    from generate_series(0, 9) n;
insert into servers (id, name, status, created_at)
    select an_id('s', n), 's' || n, 'online', now() from generate_series(1, 100) n;
insert into tasks (id, project_id, client_key, title, type, priority, status, plan_mode, auto, waiting_on, created_by,
                   created_at, updated_at, assigned_server_id, epoch)
    select an_id('t', n), case n % 10 when 0 then '{PROJECT}'::uuid else an_id('p', n % 10) end, 'key' || n,
        'task ' || n, 'feature', 'normal',
        case when n % 100 = 0 then 'pending' when n % 100 = 1 then 'running'
             when n % 100 < 10 then 'failed' else 'done' end,
        'off', true, case when n % 400 = 0 then 0 else 1 end, 'user:x',
        timestamptz '2030-01-01' + n * interval '1 s', now(),
        an_id('s', n % 100 + 1), 1
    from generate_series(1, {TASKS}) n;
update tasks set completed_at = created_at, seen_at = case when id::text < '8' then created_at end
    where status = 'failed';
insert into task_dependencies (id, task_id, depends_on_task_id, dependency_type, contract_key, resolved)
    select an_id('d', n), an_id('t', n), an_id('t', n - 1), case n % 2 when 0 then 'blocks' else 'input' end,
        case n % 2 when 1 then 'k' end, n % 100 > 1
    from generate_series(2, {TASKS}) n where n % 10 <> 1;
insert into assignments (task_id, epoch, attempt, phase, server_id, managed, state, offered_at, ended_at)
    select an_id('t', n), 1, 1, 'execute', an_id('s', n % 100 + 1), true,
        case when n % 100 = 1 then 'started' else 'ended' end, now(), case when n % 100 <> 1 then now() end
    from generate_series(1, {TASKS}) n;
insert into interventions (id, task_id, intervention_type, status, question, created_at)
    select an_id('i', n), an_id('t', n), 'help', case when n % 50 = 0 then 'pending' else 'responded' end, '?', now()
    from generate_series(1, {TASKS} / 4) n;
insert into task_notes (task_id, author, content, urgent, created_at)
    select an_id('t', n), 'x', 'y', false, now() from generate_series(1, {TASKS} / 4) n;
insert into task_output (task_id, epoch, attempt, stream, stream_offset, content, created_at)
    select an_id('t', n % 1000 + 1), 1, 1, 'stdout', n, 'x', now() from generate_series(1, {TASKS}) n;
insert into activity_log (event_type, task_id, actor, details, created_at)
    select 'task_note', an_id('t', n % 1000), 'x', '{{}}', now() from generate_series(1, {TASKS}) n;
insert into sessions (id, server_id, project_id, name, status, framed, cols, rows, created_by, created_at, updated_at,
                      ended_at)
    select an_id('e', n), an_id('s', n % 100 + 1),
        case n % 10 when 0 then '{PROJECT}'::uuid else an_id('p', n % 10) end, 'session ' || n,
        case when n % 500 = 0 then 'running' when n % 500 = 1 then 'lost' when n % 500 = 2 then 'starting'
             else 'closed' end,
        true, 80, 24, 'user:x', timestamptz '2030-01-01' + n * interval '1 s', now(),
        case when n % 500 in (0, 2) then null else now() end
    from generate_series(1, {TASKS}) n;
insert into session_inputs (session_id, actor, byte_count, typed_at)
    select an_id('e', n % 1000 + 1), 'user:x', 5, now() from generate_series(1, {TASKS}) n;
insert into activity_log (event_type, session_id, actor, details, created_at)
    select 'session_started', an_id('e', n % 1000), 'x', '{{}}', now() from generate_series(1, {TASKS}) n;
insert into recordings (session_id, state, first, segments, size, from_ms, until_ms, until_offset, skipped, gaps,
                        updated_at)
    select an_id('e', n), 'ended', 0, 10, 10, 0, 10, 10, 0, 0, now() from generate_series(1, {TASKS}) n;
insert into recording_segments (session_id, number, from_ms, until_ms, from_offset, until_offset, cols, rows, skipped,
                                entry, state, size, stored_at, data)
    select an_id('e', n % 1000 + 1), n / 1000, n, n, n, n, 80, 24, 0, n % 5 = 0, 'on', 1, now(), 'x'
    from generate_series(1, {TASKS}) n;
analyze;
"""


def an_id(kind: str, number: int) -> UUID:
    return UUID(hashlib.md5(f"{kind}{number}".encode()).hexdigest())


def some(kind: str, count: int = 20) -> list[UUID]:
    return [an_id(kind, 37 * number) for number in range(1, count + 1)]


def listings() -> Iterator[tuple[str, str, list[Any]]]:
    cursor = paging.cursor(NEWEST, an_id("t", 5))
    for project in (None, PROJECT):
        for status in (None, "running", "done", "pending"):
            for start in (None, cursor):
                wanted = Filter(project_id=project, statuses=(status,) if status else (), cursor=start)
                name = f"list{'-project' * bool(project)}{'-' + status if status else ''}{'-cursor' * bool(start)}"
                yield name, *list_query(wanted)


def boards() -> Iterator[tuple[str, str, list[Any]]]:
    """What a board asks: several states, words, a server; in each order; and the numbers of all that."""
    narrowings = {
        "all": Filter(), "live": Filter(statuses=("pending", "running")), "ended": Filter(statuses=("done", "failed")),
        "words": Filter(text="task 77"), "words in a project": Filter(text="task 77", project_id=PROJECT),
        "a server": Filter(server_id=an_id("s", 7), statuses=("running",)), "since": Filter(updated_since=NEWEST),
        "type and priority": Filter(type="docs", priorities=("high",)),
    }  # fmt: skip
    for name, wanted in narrowings.items():
        yield f"board {name}, live numbers", *board.live_query(wanted)
        yield f"board {name}, ended numbers", *board.ended_query(wanted)
        for sort in Sort if name not in ("ended", "words in a project") else (Sort.CREATED,):
            one = f"2.{paging.cursor(NEWEST, an_id('t', 5))}" if sort is Sort.PRIORITY else paging.cursor(NEWEST, ZERO)
            for start in (None, one):
                narrowed = replace(wanted, sort=sort, cursor=start, cards=True)
                yield f"board {name} by {sort} from {start}", *list_query(narrowed)
                if (walked := board.walked_query(narrowed)) is not None:
                    yield f"board {name} by {sort} from {start}, walked", *walked


def session_listings() -> Iterator[tuple[str, str, list[Any]]]:
    cursor = paging.cursor(NEWEST, an_id("e", 5))
    for project in (None, PROJECT):
        for server in (None, an_id("s", 7)):
            for status in (None, SessionStatus.RUNNING, SessionStatus.CLOSED, SessionStatus.LOST):
                for start in (None, cursor):
                    wanted = SessionFilter(project_id=project, server_id=server, status=status, cursor=start)
                    name = f"sessions {project and 'project'} {server and 'server'} {status} {start and 'cursor'}"
                    yield name, *session_queries.list_query(wanted)


ZERO = UUID(int=0)
NEWEST = datetime(2030, 1, 1, 3, tzinfo=UTC)

HOT: list[tuple[str, str, list[Any]]] = [
    *listings(),
    *boards(),
    ("the inbox", inbox_queries.PAGE, [None, None, "", 51]),
    ("the inbox of a project", inbox_queries.PAGE, [PROJECT, NEWEST, "failed:x", 51]),
    ("what is in the inbox", inbox_queries.COUNTS, [None]),
    ("a graph's edges", overview.NEIGHBOURS, [some("t")]),
    ("a graph's tasks", overview.CARDS, [some("t"), PROJECT]),
    ("live tasks of a graph", overview.LIVE_OF_PROJECT, [PROJECT, 500]),
    ("one", queries.ONE, [an_id("t", 7)]),
    ("short", queries.SHORT, [UUID("abcd" + "0" * 28), UUID("abcd" + "f" * 28)]),
    ("ready", queries.READY, [50]),
    ("upstreams", queries.UPSTREAMS, [an_id("t", 7)]),
    ("notes", queries.NOTES, [an_id("t", 7), 20]),
    ("questions of a task", *interventions_query(an_id("t", 7), None, None)),
    ("open questions of a task", *interventions_query(an_id("t", 7), "pending", None)),
    ("open questions", *interventions_query(None, "pending", None)),
    ("open questions of a project", *interventions_query(None, "pending", PROJECT)),
    ("live tasks by status", queries.COUNTS, [None]),
    ("live tasks by status in a project", queries.COUNTS, [PROJECT]),
    ("output", queries.OUTPUT, [an_id("t", 7), 100, 500]),
    ("activity", queries.ACTIVITY, [an_id("t", 7), 100, 500]),
    ("assignments", queries.ASSIGNMENTS, [an_id("t", 7)]),
    ("session of a task", queries.SESSION, [an_id("t", 7)]),
    ("impact", queries.IMPACT, [an_id("t", 12), "k"]),
    ("of a server", queries.AGENT_TASKS, [an_id("s", 7)]),
    ("load tasks", load.TASKS, [some("t")]),
    ("load by key", load.KEYS, [[PROJECT] * 3, ["key10", "key20", "unknown"]]),
    ("load units", load.UNITS, [some("t"), [1] * 20, some("t", 5)]),
    ("load open units only", load.UNITS, [[], [], some("t", 5)]),
    ("tasks of a server", load.SERVER_TASKS, [[an_id("s", 7)]]),
    ("load dependents", load.DOWNS, [some("t")]),
    ("load dependencies", load.UPS, [some("t", 5)]),
    ("load ancestry", load.ANCESTRY, [some("t", 3)]),
    ("load questions", load.INTERVENTIONS, [some("i", 3)]),
    ("load ready", load.READY, []),
    ("slots in use", load.SLOTS, []),
    ("load inputs", load.INPUTS, [some("t")]),
    *session_listings(),
    ("a session", session_queries.ONE, [an_id("e", 7)]),
    ("a session's prefix", session_queries.SHORT, [UUID("abcd" + "0" * 28), UUID("abcd" + "f" * 28)]),
    ("a task's sessions", session_queries.OF_TASKS, [UUID("abcd" + "0" * 28), UUID("abcd" + "f" * 28)]),
    ("a session's name", session_queries.NAMED, ["session 7"]),
    ("a session's activity", session_queries.ACTIVITY, [an_id("e", 7), 100, 500]),
    ("a session's inputs", session_queries.INPUTS, [an_id("e", 7), 100, 500]),
    ("a recording", recording_queries.ONE, [an_id("e", 7)]),
    ("a recording's segments", recording_queries.INDEX, [an_id("e", 7), 1, 500]),
    ("where a replay begins", recording_queries.ENTRY_BEFORE, [an_id("e", 7), 2000]),
    ("where a recording begins", recording_queries.FIRST_ENTRY, [an_id("e", 7)]),
    ("a recording's parts", recording_queries.PARTS, [an_id("e", 7), 1, 4]),
]


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[asyncpg.Connection]:
    opened = await database.connect_raw()
    try:
        await opened.execute(FILL)
        yield opened
    finally:
        await opened.close()


@pytest.mark.slow
async def test_the_hot_queries_use_their_indexes(connection: asyncpg.Connection) -> None:
    assert await seq_scans(connection, "select * from tasks where title = $1", ["task 7"]) == {"tasks"}, "sees a scan"
    slow = {name: scans for name, query, values in HOT if (scans := await seq_scans(connection, query, values))}
    assert slow == {}


async def seq_scans(connection: asyncpg.Connection, query: str, values: list[Any]) -> set[str]:
    """Return the big tables that the settled plan of this statement reads from end to end."""
    arguments = f"({', '.join(map(literal, values))})" if values else ""
    await connection.execute(f"prepare hot as {query}")
    try:
        for _ in range(6):
            await connection.execute(f"execute hot{arguments}")
        plan = json.loads(await connection.fetchval(f"explain (format json) execute hot{arguments}"))
    finally:
        await connection.execute("deallocate hot")
    return {node["Relation Name"] for node in nodes(plan[0]["Plan"]) if node["Node Type"] == "Seq Scan"} & BIG


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def literal(value: Any) -> str:
    match value:
        case None:
            return "null"
        case int():
            return str(value)
        case list():
            return "'{" + ",".join(f'"{item}"' for item in value) + "}'"
        case _:
            return "'" + str(value).replace("'", "''") + "'"
