"""workflow validate, apply, import, export."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from corral_cli.body import present
from corral_cli.commands.workflow.arguments import File, Note, Workflow, name_of, path_of, problem_line
from corral_cli.context import Invocation, invocation
from corral_cli.errors import Failed, NotFound, Usage
from corral_cli.lazy import lazy
from corral_cli.lookup import project_id
from corral_cli.output import talk
from corral_cli.reading import read_file
from corral_cli.text import clean

document = lazy("corral_cli.workflow.document")
written = lazy("corral_cli.workflow.written")

Json = dict[str, Any]
_UNREADABLE = ("malformed", "too_many")
"""Codes of problems with which the hub keeps a definition as it came, because it cannot read it."""


class Language(StrEnum):
    YAML = "yaml"
    JSON = "json"


Publish = Annotated[bool, typer.Option("--publish", help="Make it the next version at once.")]


def validate(context: typer.Context, file: File) -> None:
    """Name everything that is wrong with a definition, with the line in the file; nothing is kept.

    Which node types there are is known by the hub: they are what its machines offer. Exit code 1: it cannot be
    published.

    Examples:
      corral workflow validate release.yaml
      corral workflow validate release.yaml --json | jq '.problems[].path'
      corral workflow export release | corral workflow validate -
    """
    cli = invocation(context)
    found = judged(cli, file)
    if cli.output.machine:
        cli.output.item(found, ())
    elif not cli.output.quiet:
        _print_problems(cli, file, found)
    if not found["valid"]:
        raise typer.Exit(1)


def apply(
    context: typer.Context,
    file: File,
    name: Annotated[str | None, typer.Option(help="What it is called; else what the file says.")] = None,
    publish: Publish = False,
    note: Note = "",
) -> None:
    """Create a workflow from a file, or change the draft of the one with its name. Twice is the same as once.

    With --publish the draft becomes the next version, unless it is the published one already.

    Examples:
      corral workflow apply release.yaml
      corral workflow apply release.yaml --publish --note 'signs the packages'
      corral workflow export release | sed s/ubuntu/debian/ | corral workflow apply - --publish
    """
    cli = invocation(context)
    found = judged(cli, file)
    called = name or found["definition"].get("name") or ("" if file == "-" else Path(file).stem)
    if not called:
        raise Usage("the workflow has no name", code="no_name", hint="Give --name, or write `name:` in the file.")
    _refuse_unfit(file, found, publish=publish)
    definition = {**found["definition"], "name": called}
    workflow, did = _put(cli, called, definition)
    did += _published(cli, workflow, note) if publish else ""
    shown = cli.client.get(path_of(str(workflow["id"])))
    cli.output.result({**shown, "action": did.partition(",")[0]}, f"{name_of(shown)}: {did}.")
    if not cli.output.machine and not cli.output.quiet:
        _tell_problems(found)


def import_files(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="JSON or YAML; `-` is stdin.")],
    publish: Publish = False,
) -> None:
    """Bring workflows from elsewhere: exports of MachinaOs, steps of AutomateOS, or files of our own.

    Each becomes a workflow of its own, also when it is imported twice; what could not be kept is told. Node types that
    no machine has stay in it, and keep it from being published.

    Examples:
      corral workflow import export.json
      corral workflow import exports/*.json --publish
    """
    cli = invocation(context)
    sources = [(file, _read(file).value) for file in files]  # all of them can be read before the first is created
    project = project_id(cli)
    made: list[Json] = []
    for file, value in sources:
        notes = cli.client.post("/workflows/validate", {"definition": value})["problems"]
        stem = None if file == "-" else Path(file).stem
        name = value.get("name") if isinstance(value.get("name"), str) and value.get("name") else stem
        body = present(definition=value, publish=publish or None, project_id=project, name=name)
        workflow = cli.client.post("/workflows", body)
        made.append({**workflow, "problems": notes, "file": file})
        if not cli.output.machine and not cli.output.quiet:
            cli.output.line(f"{name_of(workflow)}: imported from {file}.")
            _tell_problems(made[-1])
    if cli.output.machine or cli.output.quiet:
        cli.output.rows(made, (), envelope={"workflows": made})


def export(
    context: typer.Context,
    workflow: Workflow,
    version: Annotated[int | None, typer.Argument(metavar="[VERSION]", help="Else: the draft.", min=1)] = None,
    language: Annotated[Language, typer.Option("--format", help="How to write it.")] = Language.YAML,
) -> None:
    """Print a workflow as a file: the same bytes for the same definition, and `apply` reads it back as it was.

    Examples:
      corral workflow export release > release.yaml
      corral workflow export release 3 --format json
    """
    cli = invocation(context)
    definition = definition_of(cli, cli.client.get(path_of(workflow)), version)
    as_json = cli.output.machine or language is Language.JSON
    sys.stdout.write(written.as_json(definition) if as_json else written.as_yaml(definition))
    sys.stdout.flush()


def judged(cli: Invocation, file: str) -> Json:
    """Return what the hub says of a file, each problem with its line where that is known. Raises Usage."""
    source = _read(file)
    found: Json = cli.client.post("/workflows/validate", {"definition": source.value})
    if found.get("format", "corral") == "corral":  # of what is translated, the paths lead into the translation
        for problem in found["problems"]:
            problem["line"] = source.line_of(str(problem.get("path") or ""))
    return found


def definition_of(cli: Invocation, workflow: Mapping[str, Any], version: int | None) -> Json:
    """Return a workflow's draft, or the definition of a version, called as the workflow is."""
    if version is None:
        definition = workflow["definition"]
    else:
        definition = cli.client.get(path_of(str(workflow["id"]), "versions", str(version)))["definition"]
    return {**definition, "name": workflow["name"]}


def _read(file: str) -> Any:
    """Return the document. Raises Usage unless it is an object."""
    found = document.read(read_file(file), file)
    if not isinstance(found.value, dict):
        raise Usage(
            f"{file} holds no workflow",
            code="no_workflow",
            hint="Write an object with `nodes` and `edges`; `corral workflow schema` says what else there may be.",
        )
    return found


def _refuse_unfit(file: str, found: Json, *, publish: bool) -> None:
    """Raise Failed where nothing should be written: an unreadable definition; to publish, any with errors."""
    errors = [problem for problem in found["problems"] if not problem["warning"]]
    unfit = [problem for problem in errors if publish or problem["code"] in _UNREADABLE]
    if unfit:
        raise Failed(
            f"{file} cannot be {'published' if publish else 'kept'}; nothing was changed",
            code="invalid_workflow",
            hint=f"`corral workflow validate {file}` tells more of each.",
            details={"problems": [{"place": _place(file, one), "problem": problem_line(one)} for one in errors]},
        )


def _put(cli: Invocation, name: str, definition: Json) -> tuple[Json, str]:
    """Create the workflow or change its draft; return it and what was done."""
    try:
        found = cli.client.get(path_of(name))
    except NotFound:
        body = present(name=name, definition=definition, project_id=project_id(cli))
        return cli.client.post("/workflows", body), "created"
    if found.get("name") != name:
        raise Usage(f"{name!r} cannot be told from an id", code="bad_name", hint="Give it a name with letters.")
    if {**found["definition"], "name": name} == definition:
        return found, "unchanged"
    changed = cli.client.patch(path_of(str(found["id"])), {"definition": definition}, people=False)
    # a secret that the file holds is kept apart: what is written for it is the same as before
    return changed, "unchanged" if changed["definition"] == found["definition"] else "updated"


def _published(cli: Invocation, workflow: Json, note: str) -> str:
    id, version = str(workflow["id"]), workflow.get("version")
    definition = definition_of(cli, workflow, None)
    if version is not None and definition_of(cli, workflow, version) == definition:
        return f", version {version} is published already"
    made = cli.client.post(path_of(id, "publish"), {"note": note})
    return f", published as version {made['number']}"


def _print_problems(cli: Invocation, file: str, found: Json) -> None:
    for problem in found["problems"]:
        style = "yellow" if problem["warning"] else "red"
        cli.output.line(cli.output.painted(f"{_place(file, problem)} {clean(problem_line(problem))}", style))
        if problem.get("hint"):
            cli.output.line(f"    next: {clean(problem['hint'])}")
    errors = sum(1 for problem in found["problems"] if not problem["warning"])
    warnings = len(found["problems"]) - errors
    told = f"{errors} problems" if errors else "can be published"
    talk(f"{file}: {told}" + (f", {warnings} warnings" if warnings else ""))


def _tell_problems(found: Json) -> None:
    for problem in found["problems"]:
        talk(f"  {problem_line(problem)}")


def _place(file: str, problem: Mapping[str, Any]) -> str:
    return f"{file}:{problem['line']}:" if problem.get("line") else f"{file}:"
