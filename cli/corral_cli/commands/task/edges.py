"""What holds tasks together: dependencies, contracts, and what a change would reach."""

from typing import Annotated

import typer

from corral_cli.body import present
from corral_cli.client import segment
from corral_cli.commands.task.arguments import DependsOn, OwnTask, Task, path_of
from corral_cli.context import invocation
from corral_cli.mount import NounGroup, noun
from corral_cli.output import field
from corral_cli.table import Column
from corral_cli.text import short_id
from corral_cli.views import dependency_line, identity, status_style
from corral_protocol.vocabulary import DependencyType

PANEL = "Dependencies and contracts"
app = typer.Typer(cls=NounGroup)
deps = noun("What a task waits for.")


@deps.command("list")
def list_dependencies(context: typer.Context, task: OwnTask = None) -> None:
    """List what a task depends on, and what of it is there.

    Example:
      corral task deps list 3f2a
    """
    cli = invocation(context)
    edges = cli.client.get(path_of(cli, task)).get("dependencies") or []
    columns = [Column("dependency", dependency_line, wide=True)]
    cli.output.rows(edges, columns, envelope={"dependencies": edges}, empty="It depends on nothing.")


@deps.command()
def add(
    context: typer.Context,
    task: Task,
    depends_on: DependsOn,
    kind: Annotated[
        DependencyType | None,
        typer.Option("--type", help="blocks waits; input also hands a contract over; related only links."),
    ] = None,
    contract_key: Annotated[str | None, typer.Option(help="Contract it takes from there.", metavar="KEY")] = None,
) -> None:
    """Make a task wait for another one. Cycles are refused, with the path.

    Examples:
      corral task deps add 3f2a --depends-on 77c1
      corral task deps add 3f2a --depends-on 77c1 --type input --contract-key api
    """
    cli = invocation(context)
    chosen = kind or (DependencyType.INPUT if contract_key else DependencyType.BLOCKS)
    body = present(depends_on_task_id=depends_on, dependency_type=chosen, contract_key=contract_key)
    edge = cli.client.post(path_of(cli, task, "dependencies"), body)
    state = "already fulfilled" if edge.get("resolved") else "waiting"
    cli.output.result(
        edge, f"{short_id(task)} depends on {short_id(depends_on)} ({edge.get('dependency_type')}, {state})."
    )


@deps.command()
def remove(context: typer.Context, task: Task, depends_on: DependsOn) -> None:
    """Let a task no longer wait for another one.

    Example:
      corral task deps remove 3f2a --depends-on 77c1
    """
    cli = invocation(context)
    answer = cli.client.delete(path_of(cli, task, "dependencies", segment(depends_on)))
    cli.output.result(answer, f"{short_id(task)} no longer depends on {short_id(depends_on)}.")


@app.command(rich_help_panel=PANEL)
def contracts(context: typer.Context, task: OwnTask = None) -> None:
    """Show what a task promised to deliver, and what it delivered.

    Example:
      corral task contracts 3f2a --json
    """
    cli = invocation(context)
    found = cli.client.get(path_of(cli, task, "contracts"))
    if cli.output.machine:
        cli.output.json(found)
        return
    names = ("declared", "published")
    cli.output.item(found, (), [field(name) for name in names if name in found])


@app.command(rich_help_panel=PANEL)
def impact(
    context: typer.Context,
    task: OwnTask = None,
    key: Annotated[str | None, typer.Option(help="Only what takes this contract.", metavar="KEY")] = None,
) -> None:
    """List all tasks downstream of a task's contracts: what a change of them would reach.

    Example:
      corral task impact 3f2a --key api
    """
    cli = invocation(context)
    found = cli.client.get(path_of(cli, task, "contracts", "impact"), key=key)
    columns = [
        identity(),
        field("status", style=status_style),
        field("depth"),
        field("title", wide=True),
        identity("via"),
    ]
    cli.output.rows(found["tasks"], columns, envelope=found, empty="Nothing depends on it.")
