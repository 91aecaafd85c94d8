"""workflow list, show, diff, schema."""

from typing import Annotated, Any

import typer

from corral_cli.commands.workflow.arguments import BLOCKS, FIELDS, WORKFLOWS, Workflow, path_of
from corral_cli.commands.workflow.files import definition_of, judged
from corral_cli.context import Invocation, invocation
from corral_cli.errors import Usage
from corral_cli.output import talk
from corral_cli.workflow.changes import compare, lines

_PAGE = 500


def list_workflows(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=0, help="How many; 0 for all.")] = 0,
    after: Annotated[int, typer.Option(help="Only those with a higher id.", metavar="ID")] = 0,
) -> None:
    """List workflows, each with the version that is published.

    Examples:
      corral workflow list
      corral workflow list --columns id,name,version --no-headers
    """
    cli = invocation(context)
    found: list[Any] = []
    while True:
        size = min(limit - len(found), _PAGE) if limit else _PAGE
        page = cli.client.get("/workflows", after=after, limit=size)
        found.extend(page)
        if len(page) < size or (limit and len(found) >= limit):
            break
        after = page[-1]["id"]
    empty = "No workflows. `corral workflow apply FILE` writes one down."
    cli.output.rows(found, WORKFLOWS, envelope={"workflows": found}, empty=empty)


def show(context: typer.Context, workflow: Workflow) -> None:
    """Show a workflow: its nodes and what each follows, what is wrong with its draft, its versions.

    Examples:
      corral workflow show release
      corral workflow show 4 --json | jq .definition
    """
    cli = invocation(context)
    found = cli.client.get(path_of(workflow))
    published = cli.client.get(path_of(str(found["id"]), "versions"))["versions"]
    cli.output.item({**found, "published": published}, FIELDS, BLOCKS)


def diff(
    context: typer.Context,
    workflow: Workflow,
    older: Annotated[int | None, typer.Argument(metavar="[A]", help="A version; else the published one.")] = None,
    newer: Annotated[int | None, typer.Argument(metavar="[B]", help="Another version; else the draft.")] = None,
    file: Annotated[str | None, typer.Option("--file", help="Compare with this file instead.", metavar="FILE")] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if something differs.")] = False,
) -> None:
    """Show what changed, node by node: from the published version to the draft, or between any two.

    With --file, from the draft (or the version A) to a file: what `apply` would change.

    Examples:
      corral workflow diff release
      corral workflow diff release 3 5
      corral workflow diff release --file release.yaml --exit-code
    """
    cli = invocation(context)
    found = cli.client.get(path_of(workflow))
    if file is not None and newer is not None:
        raise Usage("a diff has two sides", hint="Give a version B or --file, not both.")
    before, after = _sides(cli, found, older, newer, file)
    changes = compare(before, after)
    if cli.output.machine:
        cli.output.json([change.as_json() for change in changes])
    elif cli.output.quiet:
        cli.output.lines(change.name for change in changes)
    else:
        cli.output.lines(cli.output.painted(text, style) for text, style in lines(changes))
        if not changes:
            talk("No difference.")
    if exit_code and changes:
        raise typer.Exit(1)


def schema(context: typer.Context) -> None:
    """Print the JSON Schema of a definition, for editors and checkers.

    Example:
      corral workflow schema > workflow.schema.json
    """
    cli = invocation(context)
    cli.output.json(cli.client.get("/workflows/schema"))


def _sides(cli: Invocation, found: Any, older: int | None, newer: int | None, file: str | None) -> tuple[Any, Any]:
    if file is not None:
        given = judged(cli, file)["definition"]
        return definition_of(cli, found, older), {**given, "name": given.get("name") or found["name"]}
    if older is None and found.get("version") is None:
        raise Usage(
            "nothing is published to compare the draft with",
            code="not_published",
            hint=f"`corral workflow publish {found['id']}` makes the draft the first version.",
        )
    return definition_of(cli, found, older or found["version"]), definition_of(cli, found, newer)
