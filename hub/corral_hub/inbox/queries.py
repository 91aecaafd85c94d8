"""Reading what needs a person. What is asked is found by partial indexes: the cost grows with what is open."""

from datetime import datetime
from uuid import UUID

import asyncpg

from corral_hub.inbox.items import Kind, Row

NOT_SEEN = "t.status = 'failed' and (t.seen_at is null or t.seen_at < t.completed_at)"
_NOBODY = "null::uuid as run_id, null::int as workflow_id, null::text as node, null::uuid as server_id"
_TASK = f"""
    select '{{kind}}' as kind, t.id::text as id, t.title,
        coalesce(t.reason ->> 'code', t.error ->> 'class') as code,
        coalesce(t.reason ->> 'detail', t.error ->> 'message') as detail,
        {{since}} as since, t.project_id, t.id as task_id, {_NOBODY}
    from tasks t where {{where}}"""  # noqa: S608
_SINCE = "coalesce((t.reason ->> 'since')::timestamptz, t.updated_at)"
_UNASKED = """t.status = 'needs_human'
        and not exists (select from interventions i where i.task_id = t.id and i.status = 'pending')"""

OPEN = {
    Kind.PLAN_REVIEW: _TASK.format(kind="plan_review", since=_SINCE, where="t.status = 'plan_review'"),
    Kind.REVIEW: _TASK.format(kind="review", since=_SINCE, where="t.status = 'review'"),
    Kind.NEEDS_HUMAN: _TASK.format(kind="needs_human", since=_SINCE, where=_UNASKED),
    Kind.FAILED: _TASK.format(kind="failed", since="t.completed_at", where=NOT_SEEN),
    Kind.INTERVENTION: f"""
    select 'intervention' as kind, i.id::text as id, t.title, i.intervention_type as code, i.question as detail,
        i.created_at as since, t.project_id, t.id as task_id, {_NOBODY}
    from interventions i join tasks t on t.id = i.task_id where i.status = 'pending'""",  # noqa: S608
    Kind.DEAD_LETTER: """
    select 'dead_letter' as kind, d.id::text as id, w.name || ': ' || d.key as title, d.error ->> 'kind' as code,
        d.error ->> 'message' as detail, d.created_at as since, d.project_id, null::uuid as task_id, d.run_id,
        d.workflow_id, d.key as node, null::uuid as server_id
    from dead_letters d join workflows w on w.id = d.workflow_id where true""",
    Kind.HOST_LOST: """
    select 'host_lost' as kind, s.id::text as id, s.name as title, 'host_lost' as code,
        'nothing was heard of it since' as detail, s.last_heartbeat as since, s.project_id, null::uuid as task_id,
        null::uuid as run_id, null::int as workflow_id, null::text as node, s.id as server_id
    from servers s where s.removed_at is null and s.status = 'offline' and s.last_heartbeat is not null
        and not s.cordoned and not s.draining""",
}
IN_PROJECT = "($1::uuid is null or x.project_id is null or x.project_id = $1)"
PAGE = " union all ".join(
    f"""(select * from ({arm}) x where {IN_PROJECT}
    and ($2::timestamptz is null or (since, (kind || ':' || id) collate "C") < ($2, $3))
    order by since desc, id collate "C" desc limit $4)"""  # noqa: S608
    for arm in OPEN.values()
)
COUNTS = " union all ".join(
    f"select '{kind}' as kind, count(*) as n from ({arm}) x where {IN_PROJECT}"  # noqa: S608
    for kind, arm in OPEN.items()
)


class InboxQueries:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def page(self, project_id: UUID | None, after: tuple[datetime, str] | None, limit: int) -> list[Row]:
        """Return the newest `limit` rows of each kind; those that are shown are among them."""
        moment, key = after or (None, "")
        return [dict(row) for row in await self._pool.fetch(PAGE, project_id, moment, key, limit)]

    async def counts(self, project_id: UUID | None) -> list[Row]:
        return list(await self._pool.fetch(COUNTS, project_id))

    async def names(self, workflow_ids: list[int]) -> dict[int, str]:
        rows = await self._pool.fetch("select id, name from workflows where id = any($1)", workflow_ids)
        return {row["id"]: row["name"] for row in rows}
