"""The API of the audit log. For admins."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator, AwareDatetime, Field
from typing_extensions import TypedDict

from corral_hub.accounts.guard import AnAdmin
from corral_hub.answers import AnObject, Moment, answers
from corral_hub.audit import queries
from corral_hub.db.database import Database
from corral_hub.text import check_text, stamp

Words = Annotated[str, AfterValidator(check_text), Field(max_length=200)]
router = APIRouter(prefix="/audit", tags=["audit"])


class AuditEntry(TypedDict):
    """`actor` did `action` (noun.verb) to `target`, which was called `name`. `via`: the name of an API key.

    `hash`: SHA-256 over the entry before and this one, in hexadecimal.
    """

    number: int
    at: Moment
    actor: str
    via: str | None
    address: str | None
    action: str
    target: str
    name: str
    details: AnObject
    hash: str


class AuditPage(TypedDict):
    entries: list[AuditEntry]
    next_before: int | None


class Verdict(TypedDict):
    """`broken_at`: the number of the first entry that does not follow from the one before it."""

    checked: int
    intact: bool
    broken_at: int | None


@router.get("", summary="Who administered what, newest first", **answers(AuditPage))
async def list_audit(
    request: Request, _: AnAdmin, actor: Words | None = None, action: Words | None = None, target: Words | None = None,
    since: AwareDatetime | None = None, until: AwareDatetime | None = None,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None, limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditPage:  # fmt: skip
    wanted = queries.Wanted(
        actor=actor, action=action, target=target, since=since, until=until, before=before, limit=limit + 1
    )
    database: Database = request.app.state.database
    async with database.read() as connection:
        rows = await queries.page(connection, wanted)
    shown = [_entry(row) for row in rows[:limit]]
    return {"entries": shown, "next_before": shown[-1]["number"] if len(rows) > limit else None}


@router.get("/verify", summary="Whether the log is as it was written", **answers(Verdict))
async def verify_audit(request: Request, _: AnAdmin) -> Verdict:
    database: Database = request.app.state.database
    async with database.read() as connection:
        checked, broken = await queries.verify(connection)
    return {"checked": checked, "intact": broken is None, "broken_at": broken}


def _entry(row: Any) -> AuditEntry:
    return {
        "number": row.number, "at": stamp(row.at), "actor": row.actor, "via": row.via, "address": row.address,
        "action": row.action, "target": row.target, "name": row.name, "details": row.details,
        "hash": bytes(row.hash).hex(),
    }  # fmt: skip
