"""Tasks as small as a board needs them. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NotRequired
from uuid import UUID

from typing_extensions import TypedDict

from corral_hub.tasks.model import Task
from corral_hub.text import stamp
from corral_protocol.vocabulary import DependencyType, Priority, Reason, TaskStatus

NAMES = (
    "id", "short_id", "project_id", "title", "type", "priority", "status", "reason", "run_kind", "waiting_on",
    "attempt", "assigned_server_id", "assigned_server_name", "created_at", "updated_at", "started_at", "completed_at",
)  # fmt: skip
ENTERED: Mapping[TaskStatus, str] = {
    TaskStatus.PENDING: "created_at",
    TaskStatus.ASSIGNED: "assigned_at",
    TaskStatus.PLANNING: "started_at",
    TaskStatus.RUNNING: "started_at",
    TaskStatus.DONE: "completed_at",
    TaskStatus.FAILED: "completed_at",
    TaskStatus.CANCELLED: "completed_at",
}


class WhyView(TypedDict):
    """Why a task is where it is."""

    code: Reason
    detail: str
    since: str
    refs: NotRequired[list[str]]


class Card(TypedDict):
    id: str
    short_id: str
    project_id: str
    title: str
    type: str
    priority: Priority
    status: TaskStatus
    reason: WhyView | None
    since: str
    """When it came into its state."""
    run_kind: str
    waiting_on: int
    attempt: int
    assigned_server_id: str | None
    assigned_server_name: str | None
    created_at: str
    updated_at: str
    started_at: str | None
    completed_at: str | None


class CardPage(TypedDict):
    """`next_cursor` may be there although the page is short: older tasks have not been looked at yet."""

    tasks: list[Card]
    next_cursor: str | None


class Counts(TypedDict):
    counts: dict[TaskStatus, int]
    total: int
    cut: bool
    """Whether there are more ended tasks than were counted."""


class Link(TypedDict):
    id: str
    task_id: str
    depends_on_task_id: str
    dependency_type: DependencyType
    contract_key: str | None
    resolved: bool


class Graph(TypedDict):
    nodes: list[Card]
    edges: list[Link]
    cut: bool
    """Whether there are more tasks than are shown."""


def card(task: Task, view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a task's view that a board shows."""
    return {**{name: view[name] for name in NAMES}, "since": since(task, view["reason"])}


def since(task: Task, reason: Mapping[str, Any] | None) -> str:
    """Return when a task came into its state; where no time was written for that, its last change."""
    if reason is not None:
        return reason["since"]
    moment: datetime | None = getattr(task, ENTERED.get(task.status, "updated_at"))
    return stamp(moment or task.updated_at) or ""


def counts(live: Iterable[Mapping[str, Any]], ended: Iterable[Mapping[str, Any]], most: int) -> Counts:
    """Return the numbers of both queries as one, a zero for what there is nothing of."""
    rows = [*live, *(gone := list(ended))]
    found = {**dict.fromkeys(TaskStatus, 0), **{TaskStatus(row["status"]): row["n"] for row in rows}}
    return {"counts": found, "total": sum(found.values()), "cut": sum(row["walked"] for row in gone) >= most}


def link(row: Mapping[str, Any]) -> Link:
    return {
        "id": str(row["id"]),
        "task_id": str(row["task_id"]),
        "depends_on_task_id": str(row["depends_on_task_id"]),
        "dependency_type": row["dependency_type"],
        "contract_key": row["contract_key"],
        "resolved": row["resolved"],
    }


def grow(known: set[UUID], edges: Iterable[Mapping[str, Any]], most: int) -> tuple[set[UUID], bool]:
    """Return the tasks at the other ends of these edges that are new, and whether some had to be left out."""
    ends = [row[name] for row in edges for name in ("task_id", "depends_on_task_id")]
    new = [id for id in dict.fromkeys(ends) if id not in known]
    room = max(0, most - len(known))
    return set(new[:room]), len(new) > room
