"""workflow publish, rollback, remove."""

from typing import Annotated

import typer

from corral_cli.commands.workflow.arguments import Note, Workflow, name_of, path_of
from corral_cli.context import invocation
from corral_cli.reading import confirm


def publish(context: typer.Context, workflow: Workflow, note: Note = "") -> None:
    """Make the draft the next version. Runs that are under way keep theirs.

    Example:
      corral workflow publish release --note 'signs the packages'
    """
    cli = invocation(context)
    made = cli.client.post(path_of(workflow, "publish"), {"note": note})
    cli.output.result({"id": made["workflow_id"], **made}, f"{workflow}: version {made['number']} is published.")


def rollback(
    context: typer.Context,
    workflow: Workflow,
    version: Annotated[int, typer.Argument(metavar="VERSION", help="The version to go back to.", min=1)],
) -> None:
    """Publish an old version once more, as a new one; the draft becomes it, too. History only grows.

    Examples:
      corral workflow show release
      corral workflow rollback release 3
    """
    cli = invocation(context)
    made = cli.client.post(path_of(workflow, "rollback"), {"number": version})
    cli.output.result(
        {"id": made["workflow_id"], **made}, f"{workflow}: version {version} is published again, as {made['number']}."
    )


def remove(
    context: typer.Context,
    workflow: Workflow,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Take a workflow away. Runs under way go on, and what ran stays readable.

    Example:
      corral workflow remove release --yes
    """
    cli = invocation(context)
    found = cli.client.get(path_of(workflow))
    confirm(f"Remove workflow {name_of(found)}?", yes=yes)
    cli.client.delete(path_of(str(found["id"])))
    cli.output.result(found, f"Removed {name_of(found)}.")
