"""project list, show, create, set, use."""

from typing import Annotated, Any

import typer

from corral_cli.body import present
from corral_cli.client import segment
from corral_cli.config_file import save_profile
from corral_cli.context import Invocation, invocation
from corral_cli.errors import NotFound, NotPermitted, Usage
from corral_cli.lookup import is_uuid, project_names
from corral_cli.mount import noun
from corral_cli.output import field
from corral_cli.views import PROJECTS, block, when
from corral_protocol.vocabulary import LostHostPolicy

app = noun("Projects keep tasks, machines and settings apart.")

Project = Annotated[str, typer.Argument(metavar="PROJECT", help="Name or id.", autocompletion=project_names)]
PlanApproval = Annotated[
    bool | None,
    typer.Option("--require-plan-approval/--no-require-plan-approval", help="Every task needs an approved plan."),
]
MaxAttempts = Annotated[int | None, typer.Option(min=1, help="How often a task is tried.")]
LostHost = Annotated[LostHostPolicy | None, typer.Option(help="When a machine is lost in the middle of a task.")]

_FIELDS = (field("id"), field("name"), field("status"), when("created", "created_at"))


@app.command("list")
def list_projects(context: typer.Context) -> None:
    """List the projects.

    Example:
      corral project list
    """
    cli = invocation(context)
    found = cli.client.get("/projects", people=True)
    cli.output.rows(found["projects"], PROJECTS, envelope=found, empty="No projects.")


@app.command()
def show(context: typer.Context, project: Project) -> None:
    """Show a project and its settings.

    Example:
      corral project show default
    """
    cli = invocation(context)
    cli.output.item(cli.client.get(_path(cli, project), people=True), _FIELDS, [block("Settings", "settings")])


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called.")],
    require_plan_approval: PlanApproval = None,
    max_attempts: MaxAttempts = None,
    lost_host: LostHost = None,
) -> None:
    """Create a project.

    Example:
      corral project create shop --require-plan-approval
    """
    cli = invocation(context)
    settings = _settings({}, require_plan_approval, max_attempts, lost_host)
    made = cli.client.post("/projects", present(name=name, settings=settings or None), people=True)
    cli.output.result(made, f"Created project {made['name']} ({made['id']}).")


@app.command("set")
def change(
    context: typer.Context,
    project: Project,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    require_plan_approval: PlanApproval = None,
    max_attempts: MaxAttempts = None,
    lost_host: LostHost = None,
) -> None:
    """Change a project's name or settings; what is not given stays.

    Example:
      corral project set shop --max-attempts 3 --lost-host retry
    """
    cli = invocation(context)
    path = _path(cli, project)
    changes = _settings({}, require_plan_approval, max_attempts, lost_host)
    if not changes and name is None:
        raise Usage(
            "nothing to change was given", hint="Give --name, --require-plan-approval, --max-attempts or --lost-host."
        )
    settings = None
    if changes:
        now = cli.client.get(path, people=True).get("settings") or {}
        settings = _settings(now, require_plan_approval, max_attempts, lost_host)
    changed = cli.client.patch(path, present(name=name, settings=settings))
    cli.output.result(changed, f"Changed project {changed['name']}.")


@app.command()
def use(context: typer.Context, project: Project) -> None:
    """Work in this project from now on (kept in the current profile).

    Example:
      corral project use shop
    """
    cli = invocation(context)
    found = cli.client.get(_path(cli, project), people=True)
    profile = cli.loaded.document.get("profiles", {}).get(cli.loaded.profile)
    if not profile:
        raise NotPermitted("there is no profile to keep it in")
    save_profile(cli.loaded.path, cli.loaded.profile, {"project": str(found["name"])})
    cli.output.result(found, f"Working in project {found['name']}.")


def _path(cli: Invocation, project: str) -> str:
    if is_uuid(project):
        return f"/projects/{segment(project)}"
    projects = cli.client.get("/projects", people=True)["projects"]
    found = [entry for entry in projects if entry.get("name") == project]
    found = found or [entry for entry in projects if len(project) >= 4 and str(entry.get("id")).startswith(project)]
    if not found:
        names = ", ".join(sorted(str(entry.get("name")) for entry in projects))
        raise NotFound(
            f"there is no project {project!r}", code="unknown_project", hint=f"Projects here: {names or 'none'}."
        )
    if len(found) > 1:
        raise Usage(f"{project!r} fits {len(found)} projects", code="ambiguous_id", hint="Type more characters.")
    return f"/projects/{segment(str(found[0]['id']))}"


def _settings(
    now: dict[str, Any], require_plan_approval: bool | None, max_attempts: int | None, lost_host: LostHostPolicy | None
) -> dict[str, Any]:
    settings = {**now, **present(require_plan_approval=require_plan_approval, lost_host=lost_host)}
    if max_attempts is not None:
        settings["retry"] = {**(settings.get("retry") or {}), "max_attempts": max_attempts}
    return settings
