"""pipeline create: a graph of tasks from one file."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from corral_cli import clock
from corral_cli.body import present
from corral_cli.client import segment
from corral_cli.commands.task.overview import print_tree
from corral_cli.context import Invocation, invocation
from corral_cli.errors import CliError, Usage
from corral_cli.graph import Step, plan
from corral_cli.lookup import project_id
from corral_cli.mount import NounGroup, noun
from corral_cli.output import talk
from corral_cli.reading import read_document, read_file
from corral_cli.text import short_id
from corral_cli.views import TASKS, warning_lines

app = noun("Create a graph of tasks from one file.")
app.info.cls = NounGroup


@app.callback()
def pipelines() -> None:
    """Keep this a group while it has only one verb."""


@app.command()
def create(
    context: typer.Context,
    file: Annotated[str | None, typer.Option("--file", help="JSON or TOML; `-` is stdin.", metavar="FILE")] = None,
    inline: Annotated[str | None, typer.Option(help="The document itself.", metavar="JSON")] = None,
    key: Annotated[
        str | None, typer.Option(help="The same name and key twice create one graph.", metavar="KEY")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check, and show the tree.")] = False,
) -> None:
    """Create tasks that refer to each other by local names. Cycles are found before anything is created.

    {"name": "release", "tasks": [{"id": "api", "title": "Build the API", "contracts": [{"key": "api"}]},
     {"title": "Client", "depends_on": [{"task": "api", "contract_key": "api"}]}]}

    A task takes: id, title, spec, priority, type, repo, branch, acceptance_criteria, depends_on, assign,
    run, contracts, requires, require_plan, structured_spec.

    Examples:
      corral pipeline create --file release.json --dry-run
      corral pipeline create --file release.toml --key 2025-06-01
      generate-tasks | corral pipeline create --file - -q
    """
    cli = invocation(context)
    document, name = _read(file, inline)
    steps = plan(document)
    if dry_run:
        _show(cli, [_as_task(step) for step in steps], {"valid": True}, name)
        return
    made = _create_all(cli, steps, name, key or clock.new_key())
    _show(cli, made, {"name": name}, name)


def _read(file: str | None, inline: str | None) -> tuple[Any, str]:
    if (file is None) == (inline is None):
        raise Usage("a pipeline comes from --file or --inline", hint="Give exactly one; `--file -` reads stdin.")
    document = (
        read_document(inline, "--inline") if inline is not None else read_document(read_file(file or "-"), file or "-")
    )
    name = document.get("name") if isinstance(document, Mapping) else None
    return document, str(name or "pipeline")


def _create_all(cli: Invocation, steps: list[Step], name: str, key: str) -> list[dict[str, Any]]:
    ids: dict[str, str] = {}
    made: list[dict[str, Any]] = []
    project = project_id(cli)
    try:
        for step in steps:
            task = cli.client.post(
                "/tasks", _body(step, ids, project, f"pipeline:{name}:{key}:{step.name}", cli.client.is_agent)
            )
            ids[step.name] = str(task["id"])
            made.append({**task, "local_id": step.name})
        for step in steps:
            if step.assign:
                cli.client.post(f"/tasks/{segment(ids[step.name])}/assign", {"session_name": step.assign})
    except CliError as error:
        if made:
            talk(f"{len(made)} of {len(steps)} tasks exist already: {', '.join(short_id(task['id']) for task in made)}")
            talk(f"repeat with --key {key} to go on without creating them twice")
        error.details = {**error.details, "created": [task["id"] for task in made], "key": key}
        raise
    return made


def _body(step: Step, ids: Mapping[str, str], project: str | None, client_key: str, agent: bool) -> dict[str, Any]:
    edges = [
        present(
            depends_on_task_id=ids[edge.upstream] if edge.local else edge.upstream,
            dependency_type=edge.kind,
            contract_key=edge.contract_key,
        )
        for edge in step.edges
    ]
    defaults = present(project_id=None if agent else project)
    return {**defaults, **step.body, **present(dependencies=edges or None), "client_key": client_key}


def _as_task(step: Step) -> dict[str, Any]:
    edges = [{"depends_on_task_id": edge.upstream, "dependency_type": edge.kind} for edge in step.edges]
    return {"id": step.name, "title": step.body["title"], "status": "pending", "dependencies": edges}


def _show(cli: Invocation, tasks: list[dict[str, Any]], envelope: Mapping[str, Any], name: str) -> None:
    if cli.output.machine or cli.output.quiet or cli.output.columns:
        cli.output.rows(tasks, TASKS, envelope={**envelope, "tasks": tasks})
        return
    print_tree(cli.output, tasks, name)
    for task in tasks:
        for line in warning_lines(task):
            talk(f"{short_id(task['id'])} {line}" if line.startswith("warning") else line)
