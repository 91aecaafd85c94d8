"""Many tasks at once, for people who look for one: pages, cards, numbers, and the graph around a task."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from corral_hub.tasks import board, cards
from corral_hub.tasks.board import COUNTED, IS_LIVE, Filter
from corral_hub.tasks.model import Task
from corral_hub.tasks.queries import task_and_server
from corral_hub.tasks.shapes import DependencyView

MOST = 500
"""Tasks of one graph; more do not fit a screen, nor a head."""
MOST_EDGES = 4_000

LIVE_OF_PROJECT = f"""
    select id from tasks where {IS_LIVE} and ($1::uuid is null or project_id = $1)
    order by created_at desc, id desc limit $2"""  # noqa: S608

# A task's neighbours, either way; `limit` for a task that half of all others wait for.
NEIGHBOURS = f"""
    select id, task_id, depends_on_task_id, dependency_type, contract_key, resolved from (
        select * from task_dependencies where task_id = any($1)
        union select * from task_dependencies where depends_on_task_id = any($1)) d
    limit {MOST_EDGES}"""  # noqa: S608

CARDS = f"""
    select {board.card_columns()}, s.name as server_name from tasks t
    left join servers s on s.id = t.assigned_server_id
    where t.id = any($1) and ($2::uuid is null or t.project_id = $2) order by t.created_at, t.id"""  # noqa: S608

Found = list[tuple[Task, str | None]]


class Overview:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def find(self, wanted: Filter) -> tuple[Found, str | None]:
        """Return a page and the cursor of the next one."""
        query, arguments = board.list_query(wanted)
        rows = await self._pool.fetch(query, *arguments)
        page = [task_and_server(row) for row in rows[: wanted.limit]]
        if len(rows) > wanted.limit:
            return page, board.cursor_after(wanted.sort, page[-1][0])
        return page, await self._where_the_walk_ended(wanted)

    async def _where_the_walk_ended(self, wanted: Filter) -> str | None:
        walked = board.walked_query(wanted)
        last = await self._pool.fetchrow(walked[0], *walked[1]) if walked else None
        if last is None:
            return None
        return board.cursor_of(wanted.sort, last["created_at"], last["updated_at"], last["id"], last["rank"])

    async def counts(self, wanted: Filter) -> cards.Counts:
        live = await self._ask(board.live_query(wanted))
        return cards.counts(live, await self._ask(board.ended_query(wanted)), COUNTED)

    async def _ask(self, query: tuple[str, list[Any]]) -> list[Mapping[str, Any]]:
        return list(await self._pool.fetch(query[0], *query[1]))

    async def graph(
        self, project_id: UUID | None, around: UUID | None, depth: int
    ) -> tuple[Found, list[DependencyView], bool]:
        """Return tasks, the edges between them, and whether there are more."""
        start = [around] if around else await self._live(project_id)
        cut = len(start) > MOST
        known = edge = set(start[:MOST])
        edges: dict[UUID, Mapping[str, Any]] = {}
        for _ in range(depth):
            rows = await self._pool.fetch(NEIGHBOURS, list(edge))
            edges.update({row["id"]: row for row in rows})
            edge, more = cards.grow(known, rows, MOST)
            known, cut = known | edge, cut or more or len(rows) == MOST_EDGES
            if not edge:
                break
        found = [task_and_server(row) for row in await self._pool.fetch(CARDS, list(known), project_id)]
        shown = {task.id for task, _ in found}
        kept = [row for row in edges.values() if {row["task_id"], row["depends_on_task_id"]} <= shown]
        return found, [cards.link(row) for row in kept], cut

    async def _live(self, project_id: UUID | None) -> list[UUID]:
        return [row["id"] for row in await self._pool.fetch(LIVE_OF_PROJECT, project_id, MOST + 1)]
