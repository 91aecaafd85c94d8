"""The projects API."""

from typing import Annotated, Any, Literal, NotRequired

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from corral_hub.accounts.guard import current_admin, current_person
from corral_hub.accounts.model import Person
from corral_hub.answers import Id, Moment, WordOf, answers, one_of
from corral_hub.bodies import Body
from corral_hub.projects.actions import Projects
from corral_hub.projects.model import Project
from corral_hub.text import Line, check_json, stamp
from corral_protocol.codec import encode
from corral_protocol.vocabulary import ErrorClass, LostHostPolicy

APerson = Annotated[Person, Depends(current_person)]
AnAdmin = Annotated[Person, Depends(current_admin)]
router = APIRouter(prefix="/projects", tags=["projects"])
Name = Annotated[Line, Field(min_length=1, max_length=100)]
Settings = Annotated[dict[str, Any] | None, AfterValidator(check_json)]


class NewProject(Body):
    name: Name
    settings: Settings = None


class ProjectChange(Body):
    name: Name | None = None
    status: Literal["active", "archived"] | None = None
    settings: Settings = None


class RetryView(TypedDict):
    """Defaults of `structured_spec.retry`; without `on` every class of error is tried again."""

    max_attempts: int
    backoff: float
    factor: float
    max_backoff: float
    on: NotRequired[list[Annotated[str, WordOf(ErrorClass)]]]


class SettingsView(TypedDict):
    require_plan_approval: bool
    retry: RetryView
    lost_host: Annotated[str, WordOf(LostHostPolicy)]


class ProjectView(TypedDict):
    id: Id
    name: str
    status: Annotated[str, one_of("active", "archived")]
    settings: SettingsView
    created_at: Moment


class ProjectList(TypedDict):
    projects: list[ProjectView]


async def projects_of(request: Request) -> Projects:
    return request.app.state.projects


The = Annotated[Projects, Depends(projects_of)]


def _view(project: Project) -> ProjectView:
    return {
        "id": str(project.id),
        "name": project.name,
        "status": project.status,
        "settings": encode(project.settings),
        "created_at": stamp(project.created_at),
    }


@router.get("", summary="All projects", **answers(ProjectList))
async def list_projects(projects: The, _: APerson) -> ProjectList:
    return {"projects": [_view(project) for project in await projects.all()]}


@router.post("", summary="Create a project", **answers(ProjectView, 201))
async def create_project(projects: The, _: AnAdmin, body: NewProject) -> ProjectView:
    return _view(await projects.create(body.name, body.settings))


@router.get("/{project}", summary="One project, by id, prefix or name", **answers(ProjectView))
async def show_project(projects: The, _: APerson, project: str) -> ProjectView:
    return _view(await projects.get(project))


@router.patch("/{project}", summary="Change name, status or settings", **answers(ProjectView))
async def change_project(projects: The, _: AnAdmin, project: str, body: ProjectChange) -> ProjectView:
    return _view(await projects.update(await projects.get(project), body.name, body.status, body.settings))
