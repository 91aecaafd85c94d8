"""Dead letters: what has failed for good, with its input, until somebody has seen to it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from corral_hub import clock
from corral_hub.accounts.model import Person, Principal
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import LetterEvent
from corral_hub.db.database import Database
from corral_hub.errors import NotFound
from corral_hub.workflows import access, shapes, store, views
from corral_hub.workflows.runs import Runs
from corral_hub.workflows.tables import dead_letters, workflow_runs, workflows
from corral_protocol.vocabulary import RunStatus

_NAMED = select(dead_letters, workflows.c.name.label("workflow")).join(
    workflows, workflows.c.id == dead_letters.c.workflow_id
)
LIVE = [RunStatus.PENDING.value, RunStatus.RUNNING.value, RunStatus.PAUSED.value]


class Letters:
    def __init__(self, database: Database, runs: Runs, bus: Bus) -> None:
        self._database = database
        self._runs = runs
        self._bus = bus

    async def listing(
        self, principal: Principal, workflow: int | None, node_type: str | None, after: int, limit: int
    ) -> list[shapes.LetterBrief]:
        query = _NAMED.where(dead_letters.c.id > after).order_by(dead_letters.c.id).limit(limit)
        query = self._narrowed(query, principal, workflow, node_type)
        async with self._database.read() as connection:
            return [_brief(row) for row in (await connection.execute(query)).mappings()]

    async def stats(self, principal: Principal) -> shapes.LetterCounts:
        """Return how many there are: in all, by workflow, by node type and by class of error."""
        kind = dead_letters.c.error["kind"].astext
        columns = (dead_letters.c.workflow_id, dead_letters.c.node_type, kind)
        query = self._narrowed(select(*columns, func.count()).group_by(*columns), principal, None, None)
        counts: shapes.LetterCounts = {"total": 0, "by_workflow": {}, "by_node_type": {}, "by_error": {}}
        async with self._database.read() as connection:
            for row in (await connection.execute(query)).all():
                workflow, node_type, error, count = tuple(row)
                counts["total"] += count
                for name, key in (("by_workflow", str(workflow)), ("by_node_type", node_type), ("by_error", error)):
                    counts[name][key] = counts[name].get(key, 0) + count
        return counts

    async def show(self, principal: Principal, id: int) -> shapes.LetterWhole:
        return {
            **_brief(row := await self._get(principal, id)),
            "inputs": row["inputs"],
            "parameters": row["parameters"],
        }

    async def replay(self, principal: Principal, id: int) -> shapes.RunWhole:
        """Run the node again, and what follows it, with what others put out. Asking again gives the same run."""
        access.change(principal)
        row = await self._get(principal, id)
        async with self._database.begin() as tx:
            locked = (
                (await tx.execute(select(dead_letters).where(dead_letters.c.id == id).with_for_update()))
                .mappings()
                .one_or_none()
            )
            if locked is None:
                raise _unknown(id)
            run_id = locked["replay_run_id"]
            status = await self._status(tx, run_id) if run_id is not None else None
            if status in LIVE:
                return await self._runs.show(principal, str(run_id))
            if run_id is None or status is not None:  # or else somebody is about to begin that very run
                run_id = clock.new_id()
            await tx.execute(update(dead_letters).where(dead_letters.c.id == id).values(replay_run_id=run_id))
            details = {"letter": id, "run_id": str(run_id)}
            await store.log(tx, row["project_id"], "dead_letter_replayed", principal.label, details, clock.now())
        shown = await self._runs.retry(principal, str(row["run_id"]), None, run_id=run_id, letter=id)
        self._tell("replayed", row)
        return shown

    async def remove(self, principal: Principal, id: int) -> None:
        access.change(principal)
        row = await self._get(principal, id)
        async with self._database.begin() as tx:
            await tx.execute(delete(dead_letters).where(dead_letters.c.id == id))
            details = {"letter": id, "key": row["key"], "run_id": str(row["run_id"])}
            await store.log(tx, row["project_id"], "dead_letter_removed", principal.label, details, clock.now())
        self._tell("removed", row)

    async def purge(
        self, principal: Principal, workflow: int | None, node_type: str | None, older_than_hours: float | None
    ) -> int:
        """Remove all that fit; return how many they were."""
        access.change(principal)
        query = delete(dead_letters)
        if older_than_hours is not None:
            query = query.where(dead_letters.c.created_at < clock.now() - timedelta(hours=older_than_hours))
        query = self._narrowed(query, principal, workflow, node_type)
        async with self._database.begin() as tx:
            gone = (await tx.execute(query.returning(dead_letters.c.project_id))).scalars().all()
            for project_id in set(gone):
                details = {"count": gone.count(project_id), "workflow_id": workflow, "node_type": node_type}
                await store.log(tx, project_id, "dead_letters_purged", principal.label, details, clock.now())
        for project_id in set(gone):
            self._bus.publish(
                LetterEvent(
                    event="purged", project_id=project_id, workflow_id=workflow, letter=None, run_id=None, key=None,
                    at=clock.now(),
                )
            )  # fmt: skip
        return len(gone)

    def _tell(self, event: str, row: Any) -> None:
        self._bus.publish(
            LetterEvent(
                event=event, project_id=row["project_id"], workflow_id=row["workflow_id"], letter=row["id"],
                run_id=row["run_id"], key=row["key"], at=clock.now(),
            )
        )  # fmt: skip

    async def _get(self, principal: Principal, id: int) -> Any:
        async with self._database.read() as connection:
            query = _NAMED.where(dead_letters.c.id == id)
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None or not access.may_see(principal, row["project_id"]):
            raise _unknown(id)
        return row

    async def _status(self, tx: Any, run_id: UUID) -> str | None:
        """Return the status of a run; None of one that has not been begun yet."""
        query = select(workflow_runs.c.status).where(workflow_runs.c.id == run_id)
        return (await tx.execute(query)).scalar_one_or_none()

    def _narrowed(self, query: Any, principal: Principal, workflow: int | None, node_type: str | None) -> Any:
        if not isinstance(principal, Person) and principal.project_id is not None:
            query = query.where(dead_letters.c.project_id == principal.project_id)
        if workflow is not None:
            query = query.where(dead_letters.c.workflow_id == workflow)
        return query.where(dead_letters.c.node_type == node_type) if node_type is not None else query


def _brief(row: Any) -> shapes.LetterBrief:
    return {
        "id": row["id"], "run_id": str(row["run_id"]), "workflow_id": row["workflow_id"],
        "workflow": row["workflow"], "key": row["key"],
        "node_type": row["node_type"], "attempt": row["attempt"], "error": row["error"], "replays": row["replays"],
        "replay_run_id": str(row["replay_run_id"]) if row["replay_run_id"] else None,
        "created_at": views.stamp(row["created_at"]), "last_error_at": views.stamp(row["last_error_at"]),
    }  # fmt: skip


def _unknown(id: int) -> NotFound:
    return NotFound("dead_letter_not_found", f"there is no dead letter {id}", "corral dlq list")
