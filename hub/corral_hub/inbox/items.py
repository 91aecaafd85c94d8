"""What needs a person, as the API shows it: why, since when, and what one can do. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal, NotRequired
from uuid import UUID

from typing_extensions import TypedDict

from corral_hub import paging
from corral_hub.answers import Id, Moment
from corral_hub.errors import Unprocessable
from corral_hub.text import stamp

LONGEST = 500
"""Characters of a title or a detail; the whole of it is where the item leads."""


class Kind(StrEnum):
    PLAN_REVIEW = "plan_review"
    INTERVENTION = "intervention"
    NEEDS_HUMAN = "needs_human"
    """Stands still without a question: its host was lost, its contract never fulfilled."""
    REVIEW = "review"
    FAILED = "failed"
    """A task that failed; until it is retried, or somebody says that they have seen it."""
    APPROVAL = "approval"
    """A node of a workflow's run waits for a person's word."""
    DEAD_LETTER = "dead_letter"
    HOST_LOST = "host_lost"


class Action(TypedDict):
    """A request that deals with it. `needs`: the fields of its body, all of which a person has to fill in."""

    name: str
    method: Literal["POST", "DELETE", "PATCH"]
    path: str
    needs: list[str]
    body: NotRequired[dict[str, Any]]


class ItemWhy(TypedDict):
    code: str
    detail: str


class Item(TypedDict):
    """`key` is its own among all kinds; `id` is that of what it is about: a task, an intervention, a letter …"""

    key: str
    kind: Kind
    id: str
    title: str
    why: ItemWhy
    since: Moment
    project_id: Id | None
    task_id: Id | None
    run_id: Id | None
    workflow_id: int | None
    node: str | None
    server_id: Id | None
    actions: list[Action]


class Inbox(TypedDict):
    items: list[Item]
    counts: dict[Kind, int]
    total: int
    next_cursor: str | None


Row = Mapping[str, Any]
"""{kind, id, title, code, detail, since, project_id, task_id, run_id, workflow_id, node, server_id}"""
ACTIONS: Mapping[Kind, tuple[tuple[str, str, str, tuple[str, ...], Mapping[str, Any]], ...]] = {
    Kind.PLAN_REVIEW: (
        ("approve", "POST", "/tasks/{task_id}/plan/approve", (), {}),
        ("revise", "POST", "/tasks/{task_id}/plan/revise", ("feedback",), {}),
        ("cancel", "DELETE", "/tasks/{task_id}", (), {}),
    ),
    Kind.INTERVENTION: (("respond", "POST", "/interventions/{id}/respond", ("response",), {}),),
    Kind.NEEDS_HUMAN: (("cancel", "DELETE", "/tasks/{task_id}", (), {}),),
    Kind.REVIEW: (
        ("approve", "POST", "/tasks/{task_id}/review/approve", (), {}),
        ("revise", "POST", "/tasks/{task_id}/review/revise", ("feedback",), {}),
        ("cancel", "DELETE", "/tasks/{task_id}", (), {}),
    ),
    Kind.FAILED: (
        ("retry", "POST", "/tasks/{task_id}/retry", (), {}),
        ("acknowledge", "POST", "/inbox/acknowledge", (), {"task_ids": ["{task_id}"]}),
    ),
    Kind.APPROVAL: (
        ("approve", "POST", "/runs/{run_id}/nodes/{node}/answer", (), {"approved": True}),
        ("refuse", "POST", "/runs/{run_id}/nodes/{node}/answer", ("comment",), {"approved": False}),
    ),
    Kind.DEAD_LETTER: (
        ("replay", "POST", "/dead-letters/{id}/replay", (), {}),
        ("remove", "DELETE", "/dead-letters/{id}", (), {}),
    ),
    Kind.HOST_LOST: (
        ("cordon", "PATCH", "/servers/{server_id}", (), {"cordoned": True}),
        ("remove", "DELETE", "/servers/{server_id}", (), {}),
    ),
}


def key_of(row: Row) -> str:
    return f"{row['kind']}:{row['id']}" + (f":{row['node']}" if row["kind"] == Kind.APPROVAL else "")


def item(row: Row, may_act: bool) -> Item:
    """Return an item; who may change nothing is offered nothing."""
    kind = Kind(row["kind"])
    return {
        "key": key_of(row),
        "kind": kind,
        "id": str(row["id"]),
        "title": (row["title"] or "")[:LONGEST],
        "why": {"code": row["code"] or kind.value, "detail": (row["detail"] or "")[:LONGEST]},
        "since": stamp(row["since"]),
        "project_id": _text(row["project_id"]),
        "task_id": _text(row["task_id"]),
        "run_id": _text(row["run_id"]),
        "workflow_id": row["workflow_id"],
        "node": row["node"],
        "server_id": _text(row["server_id"]),
        "actions": actions(kind, row) if may_act else [],
    }


def actions(kind: Kind, row: Row) -> list[Action]:
    found: list[Action] = []
    for name, method, path, needs, body in ACTIONS[kind]:
        action: Any = {"name": name, "method": method, "path": "/api/v1" + _filled(path, row), "needs": list(needs)}
        if body:
            action["body"] = {field: _body(value, row) for field, value in body.items()}
        found.append(action)
    return found


def page(rows: Iterable[Row], after: tuple[datetime, str] | None, limit: int) -> tuple[list[Row], str | None]:
    """Return the newest rows after the cursor, and the cursor of those that follow."""
    fitting = [row for row in rows if after is None or (row["since"], key_of(row)) < after]
    fitting.sort(key=lambda row: (row["since"], key_of(row)), reverse=True)
    shown = fitting[:limit]
    more = len(fitting) > limit
    return shown, cursor(shown[-1]) if more and shown else None


def cursor(row: Row) -> str:
    """Return `paging`'s text for the moment, and the key in the clear."""
    return f"{paging.cursor(row['since'], UUID(int=0))}~{key_of(row)}"


def read_cursor(text: str | None) -> tuple[datetime, str] | None:
    """Return what `cursor` was made from. Raises Unprocessable."""
    if text is None:
        return None
    moment, mark, key = text.partition("~")
    if not mark or not key.isprintable():
        raise Unprocessable("bad_cursor", "the cursor cannot be read", "pass next_cursor as you got it")
    return paging.read_cursor(moment)[0].astimezone(UTC), key


def counted(rows: Iterable[Row], approvals: int) -> dict[Kind, int]:
    return {**dict.fromkeys(Kind, 0), **{Kind(row["kind"]): row["n"] for row in rows}, Kind.APPROVAL: approvals}


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def _filled(path: str, row: Row) -> str:
    return path.format_map({name: str(value) for name, value in row.items()})


def _body(value: Any, row: Row) -> Any:
    return [_filled(part, row) for part in value] if isinstance(value, list) else value
