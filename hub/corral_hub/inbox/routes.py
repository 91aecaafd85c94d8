"""The API of the inbox. For people: agents ask, people answer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from typing_extensions import TypedDict

from corral_hub.accounts.guard import AnAdmin, APerson
from corral_hub.answers import Id, answers
from corral_hub.bodies import Body
from corral_hub.inbox.actions import InboxDesk
from corral_hub.inbox.items import Inbox
from corral_hub.projects.actions import Projects

router = APIRouter(prefix="/inbox", tags=["inbox"])


class SeenBody(Body):
    task_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]


class Acknowledged(TypedDict):
    """Those of the tasks that had failed."""

    task_ids: list[Id]


async def inbox_of(request: Request) -> InboxDesk:
    return request.app.state.inbox


The = Annotated[InboxDesk, Depends(inbox_of)]


@router.get("", summary="What needs a person, newest first: why, since when, what one can do", **answers(Inbox))
async def show_inbox(
    request: Request, inbox: The, person: APerson, project_id: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Inbox:  # fmt: skip
    projects: Projects = request.app.state.projects
    scope = (await projects.get(project_id)).id if project_id else None
    return await inbox.look(person, scope, cursor, limit)


@router.post("/acknowledge", summary="These failures were seen: they need nobody any more", **answers(Acknowledged))
async def acknowledge(inbox: The, person: AnAdmin, body: SeenBody) -> Acknowledged:
    return {"task_ids": [str(id) for id in await inbox.acknowledge(person, body.task_ids)]}
