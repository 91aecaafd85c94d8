"""Reading tasks for people and agents. Nothing here changes anything; every query has its index (a test says so)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from corral_hub.tasks.model import TASK_COLUMNS, Edge, Intervention, Task, Unit
from corral_hub.tasks.rows import load, read_edge, read_intervention, read_task, read_unit

COLUMNS = ", ".join(f"t.{name}" for name in TASK_COLUMNS)

ONE = f"""
    select {COLUMNS}, s.name as server_name from tasks t
    left join servers s on s.id = t.assigned_server_id where t.id = $1"""  # noqa: S608

SHORT = "select id, project_id, title from tasks where id between $1 and $2 order by id limit 20"

READY = """
    select id from tasks where status = 'pending' and waiting_on = 0 and auto
    order by created_at, id limit $1"""

UPSTREAMS = f"""
    select {COLUMNS}, d.id as edge_id, d.task_id, d.depends_on_task_id, d.dependency_type, d.contract_key,
        d.resolved, d.value
    from task_dependencies d join tasks t on t.id = d.depends_on_task_id where d.task_id = $1
    order by t.created_at, t.id"""  # noqa: S608

PAGE_BYTES = 1 << 20
"""A page of output ends with the row that goes beyond this: what is read at once is made into one JSON text."""

# The newest ones, as many as fit a page of that size.
NOTES = f"""
    select id, task_id, author, content, urgent, created_at from (
        select n.*, sum(length(content)) over (order by id desc) - length(content) as before
        from (select * from task_notes where task_id = $1 order by id desc limit $2) n) p
    where before < {4 * PAGE_BYTES} order by id desc"""  # noqa: S608

INTERVENTIONS = """
    select i.* from interventions i join tasks t on t.id = i.task_id where {where}
    order by i.created_at desc limit 200"""

OUTPUT = f"""
    select * from (
        select o.*, sum(length(content)) over (order by id) - length(content) as before
        from (select * from task_output where task_id = $1 and id > $2 order by id limit $3) o) p
    where before < {PAGE_BYTES} order by id"""  # noqa: S608

ACTIVITY = "select * from activity_log where task_id = $1 and id > $2 order by id limit $3"

ASSIGNMENTS = """
    select a.*, s.name as server_name from assignments a left join servers s on s.id = a.server_id
    where a.task_id = $1 order by a.epoch"""

# The one of its newest hand-out that had one; people may have removed it.
SESSION = """
    select s.id, s.name, s.status from assignments a join sessions s on s.id = a.session_id
    where a.task_id = $1 order by a.epoch desc limit 1"""

HOLD = """
    select t.epoch, coalesce(a.state in ('offered', 'started'), false) as live from tasks t
    left join assignments a on a.task_id = t.id and a.epoch = $2 where t.id = $1"""

# All tasks downstream of a contract: who takes it as input, and whoever waits for them.
IMPACT = """
    with recursive below(id, depth, via) as (
        select d.task_id, 1, d.depends_on_task_id from task_dependencies d
        where d.depends_on_task_id = $1 and ($2::text is null or d.contract_key = $2) and d.dependency_type <> 'related'
        union
        select d.task_id, b.depth + 1, d.depends_on_task_id from below b
        join task_dependencies d on d.depends_on_task_id = b.id
        where d.dependency_type <> 'related' and b.depth < 1000
    )
    select distinct on (t.id) t.id, t.title, t.status, b.depth, b.via from below b join tasks t on t.id = b.id
    order by t.id, b.depth"""

AGENT_TASKS = f"""
    select {COLUMNS}, s.name as server_name from tasks t left join servers s on s.id = t.assigned_server_id
    where t.assigned_server_id = $1 and t.status not in ('done', 'failed', 'cancelled')
    order by t.created_at"""  # noqa: S608

COUNTS = """
    select status, count(*) as n from tasks
    where status not in ('done', 'failed', 'cancelled') and ($1::uuid is null or project_id = $1) group by 1"""


class TaskQueries:
    """Reads through a pool; jsonb columns arrive as JSON text and are read by rows.py."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    async def get(self, task_id: UUID) -> tuple[Task, str | None] | None:
        row = await self.pool.fetchrow(ONE, task_id)
        return None if row is None else task_and_server(row)

    async def starting_with(self, prefix: str) -> list[Mapping[str, Any]]:
        """Return {id, project_id, title} of the tasks whose id starts so; at most 20."""
        digits = prefix.replace("-", "")
        return list(await self.pool.fetch(SHORT, UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))))

    async def upstreams(self, task_id: UUID) -> list[tuple[Edge, Task]]:
        rows = await self.pool.fetch(UPSTREAMS, task_id)
        return [(read_edge({**row, "id": row["edge_id"]}), read_task(task_part(row))) for row in rows]

    async def notes(self, task_id: UUID, limit: int = 500) -> list[Mapping[str, Any]]:
        """Return the newest notes, oldest of them first."""
        return list(await self.pool.fetch(NOTES, task_id, limit))[::-1]

    async def interventions(
        self, task_id: UUID | None, status: str | None, project_id: UUID | None = None
    ) -> list[Intervention]:
        query, arguments = interventions_query(task_id, status, project_id)
        return [read_intervention(row) for row in await self.pool.fetch(query, *arguments)]

    async def intervention(self, id: UUID) -> Intervention | None:
        row = await self.pool.fetchrow("select * from interventions where id = $1", id)
        return None if row is None else read_intervention(row)

    async def output(self, task_id: UUID, after: int, limit: int) -> tuple[list[Mapping[str, Any]], bool]:
        """Return a page, and whether there may be more."""
        rows = list(await self.pool.fetch(OUTPUT, task_id, after, limit))
        return rows, len(rows) == limit or sum(len(row["content"]) for row in rows) >= PAGE_BYTES

    async def activity(self, task_id: UUID, after: int, limit: int) -> list[Mapping[str, Any]]:
        return list(await self.pool.fetch(ACTIVITY, task_id, after, limit))

    async def assignments(self, task_id: UUID) -> list[Mapping[str, Any]]:
        return list(await self.pool.fetch(ASSIGNMENTS, task_id))

    async def unit(self, task_id: UUID, epoch: int) -> Unit | None:
        row = await self.pool.fetchrow("select * from assignments where task_id = $1 and epoch = $2", task_id, epoch)
        return None if row is None else read_unit(row)

    async def session(self, task_id: UUID) -> Mapping[str, Any] | None:
        """Return {id, name, status} of the terminal session that the task runs in, or ran in last."""
        return await self.pool.fetchrow(SESSION, task_id)

    async def hold(self, task_id: UUID, epoch: int) -> tuple[int, bool] | None:
        """Return the task's newest epoch, and whether the holder of `epoch` still speaks for it."""
        row = await self.pool.fetchrow(HOLD, task_id, epoch)
        return None if row is None else (row["epoch"], row["live"])

    async def impact(self, task_id: UUID, key: str | None) -> list[Mapping[str, Any]]:
        return list(await self.pool.fetch(IMPACT, task_id, key))

    async def of_server(self, server_id: UUID) -> list[tuple[Task, str | None]]:
        """Return the live tasks assigned to a server."""
        return [task_and_server(row) for row in await self.pool.fetch(AGENT_TASKS, server_id)]

    async def counts(self, project_id: UUID | None) -> dict[str, int]:
        """Return the number of live tasks by status."""
        return {row["status"]: row["n"] for row in await self.pool.fetch(COUNTS, project_id)}

    async def fleet(self, fleet_id: int) -> tuple[list[Mapping[str, Any]], dict[tuple[str, int], Any]]:
        """Return the members of a stored fleet and the capability vectors they had."""
        text = await self.pool.fetchval("select members from fleets where id = $1", fleet_id)
        members = load(text) or []
        ids, versions = [UUID(m["server_id"]) for m in members], [m["version"] for m in members]
        rows = await self.pool.fetch(
            "select v.* from server_versions v join unnest($1::uuid[], $2::int[]) x(server_id, version)"
            " using (server_id, version)", ids, versions,
        )  # fmt: skip
        return members, {(str(row["server_id"]), row["version"]): load(row["effective"]) for row in rows}


def interventions_query(task_id: UUID | None, status: str | None, project_id: UUID | None) -> tuple[str, list[Any]]:
    """Return the query of the newest interventions, and its arguments."""
    where, arguments = ["true"], []
    if status == "pending":  # written out: the partial index is only used where planning knows the value
        where, status = ["i.status = 'pending'"], None
    for column, value in (("i.task_id", task_id), ("i.status", status), ("t.project_id", project_id)):
        if value is not None:
            arguments.append(value)
            where.append(f"{column} = ${len(arguments)}")
    return INTERVENTIONS.format(where=" and ".join(where)), arguments


def task_part(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in TASK_COLUMNS}


def task_and_server(row: Mapping[str, Any]) -> tuple[Task, str | None]:
    return read_task(task_part(row)), row["server_name"]
