"""The projects API."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, Field

from corral_hub.accounts.guard import current_admin, current_person
from corral_hub.accounts.model import Person
from corral_hub.bodies import Body
from corral_hub.projects.actions import Projects
from corral_hub.projects.model import Project
from corral_hub.text import Line, check_json
from corral_protocol.codec import encode

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


async def projects_of(request: Request) -> Projects:
    return request.app.state.projects


The = Annotated[Projects, Depends(projects_of)]


def _view(project: Project) -> dict[str, Any]:
    return {
        "id": str(project.id),
        "name": project.name,
        "status": project.status,
        "settings": encode(project.settings),
        "created_at": project.created_at.isoformat().replace("+00:00", "Z"),
    }


@router.get("", summary="All projects")
async def list_projects(projects: The, _: APerson) -> dict[str, Any]:
    return {"projects": [_view(project) for project in await projects.all()]}


@router.post("", status_code=201, summary="Create a project")
async def create_project(projects: The, _: AnAdmin, body: NewProject) -> dict[str, Any]:
    return _view(await projects.create(body.name, body.settings))


@router.get("/{project}", summary="One project, by id, prefix or name")
async def show_project(projects: The, _: APerson, project: str) -> dict[str, Any]:
    return _view(await projects.get(project))


@router.patch("/{project}", summary="Change name, status or settings")
async def change_project(projects: The, _: AnAdmin, project: str, body: ProjectChange) -> dict[str, Any]:
    return _view(await projects.update(await projects.get(project), body.name, body.status, body.settings))
