"""The API of boards: lists of tasks, how many there are, and how they hang together."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AfterValidator, AwareDatetime, Field

from corral_hub.accounts.model import Principal
from corral_hub.answers import answers
from corral_hub.errors import NotFound
from corral_hub.servers.actions import Servers
from corral_hub.servers.guard import Who
from corral_hub.tasks import access
from corral_hub.tasks.actions import Tasks
from corral_hub.tasks.board import Filter, Sort
from corral_hub.tasks.cards import CardPage, Counts, Graph
from corral_hub.tasks.shapes import TaskPage
from corral_hub.text import check_text
from corral_protocol.vocabulary import Priority, TaskStatus

Words = Annotated[str, AfterValidator(check_text), Field(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=500)]
Cursor = Annotated[str | None, Query(max_length=200)]

board = APIRouter(prefix="/tasks", tags=["tasks"])


async def tasks_of(request: Request) -> Tasks:
    return request.app.state.tasks


The = Annotated[Tasks, Depends(tasks_of)]


async def narrowed(
    request: Request, api: The, principal: Who,
    project_id: Words | None = None,
    status: Annotated[list[TaskStatus] | None, Query(max_length=len(TaskStatus))] = None,
    q: Annotated[Words | None, Query(description="words of the title, or the beginning of an id")] = None,
    type: Words | None = None,
    server: Words | None = None,
    priority: Annotated[list[Priority] | None, Query(max_length=len(Priority))] = None,
    updated_since: AwareDatetime | None = None,
) -> Filter:  # fmt: skip
    """Return what the query parameters that all these routes share ask for."""
    since: datetime | None = updated_since
    return Filter(
        project_id=await api.scope(principal, project_id),
        statuses=tuple(dict.fromkeys(word.value for word in status or ())),
        text=" ".join((q or "").split()[:8]) or None,
        type=type,
        server_id=await _server(request, principal, server) if server else None,
        priorities=tuple(dict.fromkeys(word.value for word in priority or ())),
        updated_since=since,
    )


async def _server(request: Request, principal: Principal, text: str) -> UUID:
    """Return a server's id. Raises NotFound also for another project's, and as if there were none."""
    servers: Servers = request.app.state.servers
    unknown = NotFound("server_not_found", f"there is no server {text!r}", "corral server list")
    try:
        found = await servers.get(text)
    except NotFound as error:
        raise unknown from error
    if not access.knows(principal, found.project_id):
        raise unknown
    return found.id


Narrowed = Annotated[Filter, Depends(narrowed)]


@board.get("", summary="List tasks, newest first", **answers(TaskPage))
async def list_tasks(
    api: The, principal: Who, wanted: Narrowed,
    sort: Sort = Sort.CREATED, limit: Limit = 50, cursor: Cursor = None,
) -> TaskPage:  # fmt: skip
    return await api.listing(principal, replace(wanted, sort=sort, limit=limit, cursor=cursor))


@board.get("/cards", summary="Tasks as small as a board needs them", **answers(CardPage))
async def list_cards(
    api: The, wanted: Narrowed, sort: Sort = Sort.CREATED, limit: Limit = 50, cursor: Cursor = None
) -> CardPage:
    return await api.small(replace(wanted, sort=sort, limit=limit, cursor=cursor, cards=True))


@board.get("/counts", summary="How many tasks there are, by status", **answers(Counts))
async def count_tasks(api: The, wanted: Narrowed) -> Counts:
    return await api.overview.counts(wanted)


@board.get("/graph", summary="Tasks and what they wait for: around one, or all that live", **answers(Graph))
async def show_graph(
    api: The, principal: Who, project_id: Words | None = None, around: Words | None = None,
    depth: Annotated[int, Query(ge=1, le=20)] = 3,
) -> Graph:  # fmt: skip
    return await api.graph(principal, project_id, around, depth)
