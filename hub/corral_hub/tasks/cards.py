"""Tasks as small as a board needs them. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from typing_extensions import TypedDict

from corral_hub.answers import Id, Moment, WordOf
from corral_hub.tasks.model import Task
from corral_hub.tasks.shapes import DependencyView, RunKind, TaskBrief, WhyView
from corral_hub.text import stamp
from corral_protocol.vocabulary import Priority, TaskStatus

ENTERED: Mapping[TaskStatus, str] = {
    TaskStatus.PENDING: "created_at",
    TaskStatus.ASSIGNED: "assigned_at",
    TaskStatus.PLANNING: "started_at",
    TaskStatus.RUNNING: "started_at",
    TaskStatus.DONE: "completed_at",
    TaskStatus.FAILED: "completed_at",
    TaskStatus.CANCELLED: "completed_at",
}


class Card(TypedDict):
    """A task as a board shows it. `since`: when it came into its state."""

    id: Id
    short_id: str
    project_id: Id
    title: str
    type: str
    priority: Annotated[str, WordOf(Priority)]
    status: Annotated[str, WordOf(TaskStatus)]
    reason: WhyView | None
    since: Moment
    run_kind: RunKind
    waiting_on: int
    attempt: int
    assigned_server_id: Id | None
    assigned_server_name: str | None
    created_at: Moment
    updated_at: Moment
    started_at: Moment | None
    completed_at: Moment | None


class CardPage(TypedDict):
    """`next_cursor` may be there although the page is short: older tasks have not been looked at yet."""

    tasks: list[Card]
    next_cursor: str | None


class Counts(TypedDict):
    """`cut`: there are more ended tasks than were counted."""

    counts: dict[TaskStatus, int]
    total: int
    cut: bool


class Graph(TypedDict):
    """`cut`: there are more tasks than are shown."""

    nodes: list[Card]
    edges: list[DependencyView]
    cut: bool


def card(task: Task, view: TaskBrief) -> Card:
    """Return the part of a task's view that a board shows."""
    return {
        "id": view["id"], "short_id": view["short_id"], "project_id": view["project_id"], "title": view["title"],
        "type": view["type"], "priority": view["priority"], "status": view["status"], "reason": view["reason"],
        "since": since(task, view["reason"]), "run_kind": view["run_kind"], "waiting_on": view["waiting_on"],
        "attempt": view["attempt"], "assigned_server_id": view["assigned_server_id"],
        "assigned_server_name": view["assigned_server_name"], "created_at": view["created_at"],
        "updated_at": view["updated_at"], "started_at": view["started_at"], "completed_at": view["completed_at"],
    }  # fmt: skip


def since(task: Task, reason: WhyView | None) -> str:
    """Return when a task came into its state; where no time was written for that, its last change."""
    if reason is not None:
        return reason["since"]
    moment: datetime | None = getattr(task, ENTERED.get(task.status, "updated_at"))
    return stamp(moment or task.updated_at)


def counts(live: Iterable[Mapping[str, Any]], ended: Iterable[Mapping[str, Any]], most: int) -> Counts:
    """Return the numbers of both queries as one, a zero for what there is nothing of."""
    rows = [*live, *(gone := list(ended))]
    found = {**dict.fromkeys(TaskStatus, 0), **{TaskStatus(row["status"]): row["n"] for row in rows}}
    return {"counts": found, "total": sum(found.values()), "cut": sum(row["walked"] for row in gone) >= most}


def link(row: Mapping[str, Any]) -> DependencyView:
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
