"""One look at everything: for people's programs, and for the published CLI's `status` and session hook."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from typing_extensions import TypedDict

from corral_hub.accounts.model import Machine, Person, Principal
from corral_hub.answers import Id, WordOf, answers
from corral_hub.servers.guard import Who
from corral_hub.tasks import views
from corral_hub.tasks.actions import Tasks, visible
from corral_hub.tasks.board import Filter
from corral_hub.tasks.shapes import InterventionView, TaskBrief, TaskView
from corral_protocol.vocabulary import TaskStatus

router = APIRouter(prefix="/status", tags=["status"])


class Named(TypedDict):
    id: Id
    title: str
    status: Annotated[str, WordOf(TaskStatus)]


class NeedsHuman(TypedDict):
    """What waits for a person; of each kind the newest."""

    interventions: list[InterventionView]
    plan_review: list[TaskBrief]
    review: list[TaskBrief]


class FleetFigures(TypedDict):
    total: int
    connected: int
    slots_used: int
    slots: int


class StatusView(TypedDict):
    """`task_summary`: how many there are by status, and `total`; of people's all that are not over, else one's own."""

    connected: bool
    server_id: Id | None
    server_name: str | None
    session_id: str | None
    session_name: str | None
    project_id: Id | None
    project_name: str | None
    tasks: list[Named]
    task_summary: dict[str, int]
    needs_human: NeedsHuman
    servers: FleetFigures


@router.get("", summary="Who I am, what runs, what needs a human", **answers(StatusView))
async def status(request: Request, principal: Who, session_id: str | None = None) -> StatusView:
    tasks: Tasks = request.app.state.tasks
    scope = None if isinstance(principal, Person) else principal.project_id
    mine = (await tasks.mine(principal))["tasks"]
    counts = await tasks.queries.counts(None) if isinstance(principal, Person) else _assigned(mine)
    pending = await tasks.queries.interventions(None, "pending", scope)
    server_id, server_name = _names(principal)
    needing = [await _needing(tasks, scope, status) for status in ("plan_review", "review")]
    return {
        "connected": True,
        "server_id": server_id,
        "server_name": server_name,
        "session_id": session_id,
        "session_name": None,
        "project_id": str(scope) if scope else None,
        "project_name": await _project_name(request, scope),
        "tasks": [{"id": task["id"], "title": task["title"], "status": task["status"]} for task in mine],
        "task_summary": {
            **counts,
            "pending": counts.get("pending", 0),
            "running": counts.get("running", 0),
            "total": sum(counts.values()),
        },
        "needs_human": {
            "interventions": [views.intervention(item) for item in pending],
            "plan_review": needing[0],
            "review": needing[1],
        },
        "servers": _fleet(request, principal),
    }


def _assigned(mine: list[TaskView]) -> Mapping[str, int]:
    """Count an agent's own tasks: its session begins with these numbers. Assigned and not begun is pending to it."""
    return Counter("pending" if task["status"] == "assigned" else task["status"] for task in mine)


async def _project_name(request: Request, project_id: UUID | None) -> str | None:
    return None if project_id is None else (await request.app.state.projects.get(project_id)).name


async def _needing(tasks: Tasks, scope: Any, status: str) -> list[TaskBrief]:
    page, _ = await tasks.overview.find(Filter(project_id=scope, statuses=(status,)))
    return [views.brief(task, server) for task, server in page]


def _names(principal: Principal) -> tuple[str, str] | tuple[None, None]:
    return (str(principal.server_id), principal.name) if isinstance(principal, Machine) else (None, None)


def _fleet(request: Request, principal: Principal) -> FleetFigures:
    views_now = visible(principal, request.app.state.fleet.views())
    return {
        "total": len(views_now),
        "connected": sum(view.connected for view in views_now),
        "slots_used": sum(view.used for view in views_now),
        "slots": sum(view.maximum for view in views_now if view.connected),
    }
