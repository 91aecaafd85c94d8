"""Rows of workflows, for changes. No decisions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from corral_hub.audit.log import note
from corral_hub.bus.tables import activity_log
from corral_hub.workflows.tables import tried_drafts, workflow_versions, workflows
from corral_protocol.codec import Json

DOES = {
    "created": "create", "published": "publish", "removed": "remove", "replayed": "replay", "purged": "purge",
}  # fmt: skip
"""What the activity log says happened → what the audit log says somebody does."""


async def add(
    tx: AsyncConnection, project_id: UUID, name: str, description: str, draft: Json, actor: str, now: datetime
) -> int:
    row = {
        "project_id": project_id, "name": name, "description": description, "draft": draft, "created_by": actor,
        "created_at": now, "updated_at": now,
    }  # fmt: skip
    return int((await tx.execute(insert(workflows).values(**row).returning(workflows.c.id))).scalar_one())


async def lock(tx: AsyncConnection, id: int) -> Any:
    """Return the row, locked; None if there is none."""
    query = select(workflows).where(workflows.c.id == id, workflows.c.removed_at.is_(None)).with_for_update()
    return (await tx.execute(query)).one_or_none()


async def change(tx: AsyncConnection, id: int, **values: Any) -> None:
    await tx.execute(update(workflows).where(workflows.c.id == id).values(**values))


async def add_version(
    tx: AsyncConnection, workflow_id: int, definition: Json, note: str, actor: str, now: datetime
) -> int:
    """Return the number of the new version. The workflow's row must be locked."""
    query = select(func.coalesce(func.max(workflow_versions.c.number), 0))
    number = int((await tx.execute(query.where(workflow_versions.c.workflow_id == workflow_id))).scalar_one()) + 1
    row = {
        "workflow_id": workflow_id, "number": number, "definition": definition, "note": note, "created_by": actor,
        "created_at": now,
    }  # fmt: skip
    await tx.execute(insert(workflow_versions).values(**row))
    return number


async def keep_draft(
    tx: AsyncConnection, workflow_id: int, hash: bytes, definition: Json, actor: str, now: datetime
) -> int:
    """Keep a draft for runs that try it out, once however often that is; return its id."""
    row = {
        "workflow_id": workflow_id, "hash": hash, "definition": definition, "created_by": actor, "created_at": now,
        "used_at": now,
    }  # fmt: skip
    new = postgresql.insert(tried_drafts).values(**row)
    kept = new.on_conflict_do_update(index_elements=["workflow_id", "hash"], set_={"used_at": now})
    return int((await tx.execute(kept.returning(tried_drafts.c.id))).scalar_one())


async def use_draft(tx: AsyncConnection, id: int, now: datetime) -> None:
    """Note that a run of it begins: it stays for now, also if no other is left."""
    await tx.execute(update(tried_drafts).where(tried_drafts.c.id == id).values(used_at=now))


async def log(
    tx: AsyncConnection, project_id: UUID, event_type: str, actor: str, details: dict[str, Any], now: datetime
) -> None:
    """Write a line of the activity log, and the same into the audit log."""
    row = {
        "event_type": event_type, "project_id": project_id, "actor": actor, "details": details, "created_at": now,
    }  # fmt: skip
    await tx.execute(insert(activity_log).values(**row))
    noun, _, verb = event_type.rpartition("_")
    target = details.get("letter") or details.get("workflow_id") or project_id
    await note(tx, f"{noun}.{DOES[verb]}", target, str(details.get("name") or ""), told=details)
