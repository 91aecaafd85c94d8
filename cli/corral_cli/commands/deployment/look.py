"""deployment list, show, next."""

from typing import Annotated

import typer

from corral_cli.commands.workflow.arguments import Workflow, path_of
from corral_cli.context import invocation
from corral_cli.workflow.deployed import BLOCKS, DEPLOYMENTS, FIELDS, RUNS, coming

Count = Annotated[int, typer.Option(help="How many of each clock.", min=1, max=100)]


def list_deployments(context: typer.Context) -> None:
    """List what is deployed.

    Example:
      corral deployment list
    """
    cli = invocation(context)
    found = cli.client.get("/deployments?limit=500")
    rows = [{"id": row["workflow_id"], **row} for row in found["deployments"]]
    cli.output.rows(rows, DEPLOYMENTS, envelope=found, empty="Nothing is deployed. See: corral workflow deploy --help")


def show(context: typer.Context, workflow: Workflow) -> None:
    """Show what of a workflow is armed, how often it fired, and when it fires next.

    Example:
      corral deployment show release
    """
    cli = invocation(context)
    found = cli.client.get(path_of(workflow, "deployment"))
    cli.output.item({"id": found["workflow_id"], **found}, FIELDS, BLOCKS)


def next_runs(context: typer.Context, workflow: Workflow, count: Count = 5) -> None:
    """Show when the clocks of a workflow fire next; those of its draft, if it is not deployed.

    Example:
      corral deployment next release --count 10
    """
    cli = invocation(context)
    found = cli.client.get(f"{path_of(workflow, 'next-runs')}?count={count}")
    cli.output.rows(coming(found), RUNS, envelope=found, empty=f"{workflow} has no clock.")
