"""Reading sessions for people and agents. Nothing here changes anything; every query has its index (a test says so)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from corral_hub.paging import cursor, read_cursor
from corral_hub.sessions.model import Session
from corral_hub.sessions.store import read_session
from corral_protocol.vocabulary import SessionStatus

COLUMNS = ", ".join(f"s.{name}" for name in Session.__dataclass_fields__)
JSON_COLUMNS = ("attention", "argv", "request")

# One query a filter combination, so that each is planned with its own index.
LIST = """
    select {columns}, m.name as server_name
    from (select * from sessions where {where} order by created_at desc, id desc limit {limit}) s
    join servers m on m.id = s.server_id
    order by s.created_at desc, s.id desc"""

ONE = f"""
    select {COLUMNS}, m.name as server_name from sessions s
    join servers m on m.id = s.server_id where s.id = $1"""  # noqa: S608

SHORT = "select id, project_id, name from sessions where id between $1 and $2 order by id limit 20"

# Living ones first: among those a name is unique in its project.
NAMED = """
    select id, project_id, name, status in ('starting', 'running') as live from sessions where name = $1
    order by live desc, created_at desc limit 20"""

# By the task that they belong to, the newest first, but living ones before the others.
OF_TASKS = """
    select id, project_id, task_id, name, status in ('starting', 'running') as live from sessions
    where task_id between $1 and $2 order by live desc, created_at desc limit 20"""

ACTIVITY = "select * from activity_log where session_id = $1 and id > $2 order by id limit $3"

INPUTS = "select * from session_inputs where session_id = $1 and id > $2 order by id limit $3"

Found = tuple[Session, str]
"""A session and the name of its server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    project_id: UUID | None = None
    server_id: UUID | None = None
    status: SessionStatus | None = None
    cursor: str | None = None
    limit: int = 50


class SessionQueries:
    """Reads through a pool; jsonb columns arrive as JSON text."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def find(self, wanted: Filter) -> tuple[list[Found], str | None]:
        """Return a page, newest first, and the cursor of the next one."""
        query, arguments = list_query(wanted)
        rows = await self._pool.fetch(query, *arguments)
        page = [_read(row) for row in rows[: wanted.limit]]
        more = len(rows) > wanted.limit
        return page, cursor(page[-1][0].created_at, page[-1][0].id) if more and page else None

    async def get(self, id: UUID) -> Found | None:
        row = await self._pool.fetchrow(ONE, id)
        return None if row is None else _read(row)

    async def exists(self, id: UUID) -> bool:
        return await self._pool.fetchval("select true from sessions where id = $1", id) or False

    async def starting_with(self, prefix: str) -> list[Mapping[str, Any]]:
        """Return {id, project_id, name} of the sessions whose id starts so; at most 20."""
        digits = prefix.replace("-", "")
        return list(await self._pool.fetch(SHORT, UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))))

    async def of_tasks(self, prefix: str) -> list[Mapping[str, Any]]:
        """Return {id, project_id, task_id, name, live} of the sessions of tasks whose id starts so; at most 20."""
        digits = prefix.replace("-", "")
        return list(await self._pool.fetch(OF_TASKS, UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))))

    async def named(self, name: str) -> list[Mapping[str, Any]]:
        """Return {id, project_id, name, live}; living ones first, then newest first; at most 20."""
        return list(await self._pool.fetch(NAMED, name))

    async def activity(self, id: UUID, after: int, limit: int) -> list[Mapping[str, Any]]:
        rows = await self._pool.fetch(ACTIVITY, id, after, limit)
        return [{**row, "details": orjson.loads(row["details"])} for row in rows]

    async def inputs(self, id: UUID, after: int, limit: int) -> list[Mapping[str, Any]]:
        return list(await self._pool.fetch(INPUTS, id, after, limit))


def list_query(wanted: Filter) -> tuple[str, list[Any]]:
    """Return the query of a page and its arguments."""
    where, arguments = ["true"], []
    status = wanted.status.value if wanted.status else None
    for column, value in (("project_id", wanted.project_id), ("server_id", wanted.server_id), ("status", status)):
        if value is not None:
            arguments.append(value)
            where.append(f"{column} = ${len(arguments)}")
    if wanted.status not in (None, SessionStatus.CLOSED):
        where.append("status <> 'closed'")  # names the partial index to the planner, whatever the parameter holds
    if wanted.cursor is not None:
        arguments += read_cursor(wanted.cursor)
        where.append(f"(created_at, id) < (${len(arguments) - 1}, ${len(arguments)})")
    arguments.append(wanted.limit + 1)
    return LIST.format(columns=COLUMNS, where=" and ".join(where), limit=f"${len(arguments)}"), arguments


def _read(row: Mapping[str, Any]) -> Found:
    values = {name: row[name] for name in Session.__dataclass_fields__}
    for name in JSON_COLUMNS:
        if values[name] is not None:
            values[name] = orjson.loads(values[name])
    return read_session(values), row["server_name"]
