"""Reading workflows and runs for people and agents. No decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from corral_hub.paging import cursor, read_cursor
from corral_protocol.codec import Json

Row = Mapping[str, Any]

WORKFLOW = """
    select w.*, (select count(*) from workflow_versions v where v.workflow_id = w.id) as versions,
        not exists (select from workflow_versions v where v.workflow_id = w.id and v.number = w.version
            and v.definition = w.draft) as changed,
        last.id as run_id, last.status as run_status, last.version as run_version,
        coalesce(last.ended_at, last.created_at) as run_since
    from workflows w left join lateral (
        select r.id, r.status, r.version, r.created_at, r.ended_at from workflow_runs r where r.workflow_id = w.id
        order by r.created_at desc, r.id desc limit 1
    ) last on true
    where w.removed_at is null"""
RUN = """
    select r.*, w.name as workflow,
        (select max(h.number) from run_history h where h.run_id = r.id) as number
    from workflow_runs r join workflows w on w.id = r.workflow_id where true"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Runs to list. None: whatever it is."""

    workflow_id: int | None = None
    parent_run_id: UUID | None = None
    project_id: UUID | None = None
    status: str | None = None
    cursor: str | None = None
    limit: int = 50
    offset: int = 0


class WorkflowQueries:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def workflow(self, id: int) -> Row | None:
        return await self._pool.fetchrow(f"{WORKFLOW} and w.id = $1", id)

    async def runnable(self, id: int) -> Row | None:
        sql = "select id, project_id, name, version from workflows where id = $1 and removed_at is null"
        return await self._pool.fetchrow(sql, id)

    async def named(self, name: str, project_id: UUID | None) -> list[Row]:
        where = "and w.name = $1 and ($2::uuid is null or w.project_id = $2) order by w.id"
        return await self._pool.fetch(f"{WORKFLOW} {where}", name, project_id)

    async def workflows(self, project_id: UUID | None, after: int, limit: int) -> list[Row]:
        where = "and ($1::uuid is null or w.project_id = $1) and w.id > $2 order by w.id limit $3"
        return await self._pool.fetch(f"{WORKFLOW} {where}", project_id, after, limit)

    async def versions(self, workflow_id: int) -> list[Row]:
        sql = """select workflow_id, number, note, created_by, created_at from workflow_versions
            where workflow_id = $1 order by number desc"""
        return await self._pool.fetch(sql, workflow_id)

    async def version(self, workflow_id: int, number: int) -> Row | None:
        sql = "select * from workflow_versions where workflow_id = $1 and number = $2"
        return await self._pool.fetchrow(sql, workflow_id, number)

    async def run(self, id: UUID) -> Row | None:
        return await self._pool.fetchrow(f"{RUN} and r.id = $1", id)

    async def definition_of(self, run_id: UUID) -> str:
        """Return the text of the definition that a run is bound to."""
        sql = """select coalesce(v.definition, d.definition) from workflow_runs r
            left join workflow_versions v on v.workflow_id = r.workflow_id and v.number = r.version
            left join tried_drafts d on d.id = r.draft_id where r.id = $1"""
        return str(await self._pool.fetchval(sql, run_id))

    async def runs_starting_with(self, prefix: str) -> list[Row]:
        return await self._pool.fetch(f"{RUN} and r.id::text like $1 || '%' limit 20", prefix)

    async def runs(self, wanted: Wanted) -> tuple[list[Row], str | None]:
        """Return a page, newest first, and the cursor of the next one."""
        at, id = read_cursor(wanted.cursor) if wanted.cursor else (None, None)
        rows = await self._pool.fetch(
            f"""{RUN} and ($1::int is null or r.workflow_id = $1) and ($2::uuid is null or r.project_id = $2)
            and ($3::text is null or r.status = $3) and ($4::timestamptz is null or (r.created_at, r.id) < ($4, $5))
            and ($8::uuid is null or r.parent_run_id = $8)
            order by r.created_at desc, r.id desc limit $6 offset $7""",
            wanted.workflow_id, wanted.project_id, wanted.status, at, id, wanted.limit + 1, wanted.offset,
            wanted.parent_run_id,
        )  # fmt: skip
        page = rows[: wanted.limit]
        return page, cursor(page[-1]["created_at"], page[-1]["id"]) if len(rows) > wanted.limit else None

    async def count_runs(self, workflow_id: int) -> int:
        return int(await self._pool.fetchval("select count(*) from workflow_runs where workflow_id = $1", workflow_id))

    async def nodes(self, run_id: UUID) -> list[Row]:
        """Return every node of a run with its output, which the history has: a trigger's is what the run began with."""
        sql = """
            select n.run_id, n.key, n.status, n.attempt, n.server_id, n.why, n.parameters, n.error, n.begun_at, n.since,
            s.name as server, (
                select jsonb_agg(l.line order by l.id, l.place) from (
                    select o.id, t.place, t.line from node_logs o, jsonb_array_elements(o.lines)
                        with ordinality as t(line, place)
                    where o.run_id = n.run_id and o.key = n.key and o.attempt = (
                        select max(p.attempt) from node_logs p where p.run_id = n.run_id and p.key = n.key)
                    order by o.id desc, t.place desc limit 200
                ) l
            ) as logs, coalesce((
                select h.fact -> 'output' from run_history h
                where h.run_id = n.run_id and h.key = n.key and h.type in ('node_completed', 'node_cached')
                order by h.number desc limit 1
            ), (
                select coalesce(h.fact -> 'pinned' -> n.key,
                    case when h.fact ->> 'trigger' = n.key then h.fact -> 'payload' end)
                from run_history h where h.run_id = n.run_id and h.number = 1
            )) as output
            from node_runs n left join servers s on s.id = n.server_id where n.run_id = $1 order by n.begun_at, n.key"""
        return await self._pool.fetch(sql, run_id)

    async def ends(self, run_id: UUID) -> list[Row]:
        """Return each node and item as it stands, with the handles that its end named."""
        sql = """
            select n.key, n.status, n.why, n.since, n.error,
                h.fact -> 'output' as output, h.fact -> 'handles' as handles
            from node_runs n left join lateral (
                select x.fact from run_history x
                where x.run_id = n.run_id and x.key = n.key and x.type in ('node_completed', 'node_cached')
                order by x.number desc limit 1
            ) h on true
            where n.run_id = $1"""
        return await self._pool.fetch(sql, run_id)

    async def questions(self, project_id: UUID | None, limit: int) -> list[Row]:
        """Return the nodes that wait for a person's word, the longest first. It costs what is in flight."""
        sql = """
            select r.id as run_id, r.workflow_id, w.name as workflow, r.project_id, n.key, n.since,
                h.wish ->> 'question' as question
            from workflow_runs r join workflows w on w.id = r.workflow_id
            join node_runs n on n.run_id = r.id and n.status = 'waiting'
            cross join lateral (
                select x.fact -> 'wish' as wish from run_history x
                where x.run_id = r.id and x.key = n.key and x.type = 'node_waiting' order by x.number desc limit 1
            ) h
            where r.status in ('pending', 'running', 'paused') and h.wish ->> 'type' = 'approve'
            and ($1::uuid is null or r.project_id = $1) order by n.since, n.run_id limit $2"""
        return await self._pool.fetch(sql, project_id, limit)

    async def logs(self, run_id: UUID, node: str | None, after: int, limit: int) -> list[Row]:
        """Return pieces of what a node, with its items, or every node of a run has logged."""
        sql = """select * from node_logs where run_id = $1 and id > $2
            and ($3::text is null or key = $3 or split_part(key, '[', 1) = $3) order by id limit $4"""
        return await self._pool.fetch(sql, run_id, after, node, limit)

    async def history(self, run_id: UUID, after: int, limit: int) -> list[Row]:
        sql = "select * from run_history where run_id = $1 and number > $2 order by number limit $3"
        return await self._pool.fetch(sql, run_id, after, limit)


def load(text: str | None) -> Json:
    return None if text is None else orjson.loads(text)
