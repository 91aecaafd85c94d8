"""What can be done with the inbox: look into it, and say that a failure has been seen."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import insert, update

from corral_hub import clock
from corral_hub.accounts.model import Person, Role
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import TaskEvent
from corral_hub.bus.tables import activity_log
from corral_hub.db.database import Database
from corral_hub.inbox import items
from corral_hub.inbox.approvals import waiting
from corral_hub.inbox.queries import InboxQueries
from corral_hub.tasks.tables import tasks
from corral_hub.workflows.live import Live
from corral_protocol.vocabulary import TaskStatus

ACKNOWLEDGED = "task_acknowledged"
FAILED = TaskStatus.FAILED.value


class InboxDesk:
    def __init__(self, database: Database, queries: InboxQueries, bus: Bus, runs: dict[UUID, Live]) -> None:
        """`runs`: the live ones, as the engine has them."""
        self._database = database
        self._queries = queries
        self._bus = bus
        self._runs = runs

    async def look(self, person: Person, project_id: UUID | None, cursor: str | None, limit: int) -> items.Inbox:
        """Return a page, newest first, and how much there is of each kind."""
        after = items.read_cursor(cursor)
        asked = await self._named(waiting(self._runs.values(), project_id))
        rows = await self._queries.page(project_id, after, limit + 1)
        shown, following = items.page([*rows, *asked], after, limit)
        counts = items.counted(await self._queries.counts(project_id), len(asked))
        may_act = person.role is Role.ADMIN
        return {
            "items": [items.item(row, may_act) for row in shown],
            "counts": counts,
            "total": sum(counts.values()),
            "next_cursor": following,
        }

    async def acknowledge(self, person: Person, task_ids: list[UUID]) -> list[UUID]:
        """Note that these failures were seen: they leave the inbox until they fail anew. Return which they were."""
        now = clock.now()
        async with self._database.begin() as tx:
            seeing = update(tasks).where(tasks.c.id.in_(task_ids), tasks.c.status == FAILED).values(seen_at=now)
            rows = (await tx.execute(seeing.returning(tasks.c.id, tasks.c.project_id))).all()
            lines = [
                {"event_type": ACKNOWLEDGED, "project_id": row.project_id, "task_id": row.id, "actor": person.label,
                 "details": {}, "created_at": now}
                for row in rows
            ]  # fmt: skip
            if lines:
                await tx.execute(insert(activity_log), lines)
        self._bus.publish(
            *(
                TaskEvent(
                    event_type=ACKNOWLEDGED, project_id=row.project_id, task_id=row.id, actor=person.label, at=now
                )
                for row in rows
            )
        )
        return [row.id for row in rows]

    async def _named(self, rows: Iterable[items.Row]) -> list[items.Row]:
        listed = list(rows)
        names = await self._queries.names([row["workflow_id"] for row in listed]) if listed else {}
        return [{**row, "title": f"{names.get(row['workflow_id'], 'workflow')}: {row['node']}"} for row in listed]
