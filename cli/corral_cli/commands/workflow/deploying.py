"""workflow deploy, undeploy, chat."""

from typing import Annotated

import typer

from corral_cli.body import present
from corral_cli.commands.workflow.arguments import Workflow, path_of
from corral_cli.context import invocation
from corral_cli.workflow.deployed import summary

Version = Annotated[
    int | None, typer.Argument(metavar="[VERSION]", help="Else: the draft, published first if it differs.", min=1)
]
Concurrency = Annotated[int, typer.Option(help="Runs at a time that its triggers begin.", min=1, max=100_000)]
Reject = Annotated[bool, typer.Option("--reject", help="Refuse events while it is busy; else they wait in line.")]
Session = Annotated[str, typer.Option(help="The session that the message belongs to.", metavar="ID")]


def deploy(
    context: typer.Context,
    workflow: Workflow,
    version: Version = None,
    concurrency: Concurrency = 100,
    reject: Reject = False,
) -> None:
    """Publish what changed, and arm the triggers: webhooks, clocks, chats, ends of tasks. It outlives restarts.

    Deploying again swaps the version at once; runs under way keep theirs.

    Examples:
      corral workflow deploy release
      corral workflow deploy release 3 --concurrency 1
    """
    cli = invocation(context)
    body = present(version=version, concurrency=concurrency, when_busy="reject" if reject else "queue")
    found = cli.client.post(path_of(workflow, "deploy"), body)
    cli.output.result({"id": found["workflow_id"], **found}, summary(found))


def undeploy(context: typer.Context, workflow: Workflow) -> None:
    """Disarm the triggers. Runs under way go on; events that wait in line are let go.

    Example:
      corral workflow undeploy release
    """
    cli = invocation(context)
    found = cli.client.post(path_of(workflow, "undeploy"))
    cli.output.result({"id": found["workflow_id"], **found}, f"{workflow}: nothing of it is armed any more.")


def chat(
    context: typer.Context,
    workflow: Workflow,
    message: Annotated[str, typer.Argument(help="What to say.")],
    session: Session = "default",
) -> None:
    """Say something to the chat triggers of a deployed workflow: each that hears it begins a run.

    Example:
      corral workflow chat support 'where is my parcel?' --session ada
    """
    cli = invocation(context)
    found = cli.client.post(path_of(workflow, "chat"), {"message": message, "session_id": session})
    first = found["runs"][0]
    cli.output.result(
        {"id": first["id"], **found}, ", ".join(f"Run {run['id']} ({run['state']})" for run in found["runs"])
    )
