"""task tree: what depends on what."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from corral_cli import clock
from corral_cli.client import segment
from corral_cli.context import invocation
from corral_cli.lookup import project_id
from corral_cli.mount import NounGroup
from corral_cli.output import Output, talk
from corral_cli.table import Row
from corral_cli.tree import layout, render
from corral_cli.views import TASKS

app = typer.Typer(cls=NounGroup)


@app.command(rich_help_panel="Look")
def tree(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=0, help="How many of the newest tasks; 0 for all.")] = 50,
) -> None:
    """Show the newest tasks as a tree of what depends on what, with states, hosts, durations and reasons.

    Example:
      corral task tree --limit 20
    """
    cli = invocation(context)
    found: list[Any] = []
    for page, _ in cli.client.pages("/tasks", "tasks", limit, project_id=project_id(cli)):
        found.extend(page)
    whole = [cli.client.get(f"/tasks/{segment(str(task['id']))}") for task in reversed(found)]
    if cli.output.machine or cli.output.quiet:
        cli.output.rows(whole, TASKS, envelope={"tasks": whole, "roots": [node.task["id"] for node in layout(whole)]})
    elif whole:
        print_tree(cli.output, whole)
    else:
        talk("No tasks.")


def print_tree(output: Output, tasks: Sequence[Row], title: str = "") -> None:
    """Print tasks as a tree: cut to the terminal, whole for a pipe or a file."""
    console = output.console()
    width = console.width if sys.stdout.isatty() else None
    console.print(render(tasks, clock.now(), title, width=width), soft_wrap=width is None)
