"""intervention list, respond, wait."""

from typing import Annotated, Any

import typer

from corral_cli import follow
from corral_cli.body import seconds
from corral_cli.client import Client, segment
from corral_cli.context import invocation
from corral_cli.errors import NotFound
from corral_cli.lookup import intervention_ids, task_ids
from corral_cli.mount import noun
from corral_cli.reading import text_or_file
from corral_cli.views import INTERVENTIONS

app = noun("Questions that agents ask, and the answers of people.")

Intervention = Annotated[str, typer.Argument(metavar="ID", help="Id of the question.", autocompletion=intervention_ids)]


@app.command("list")
def list_interventions(
    context: typer.Context,
    task_id: Annotated[
        str | None, typer.Option(help="Only of this task.", metavar="ID", autocompletion=task_ids)
    ] = None,
    status: Annotated[str | None, typer.Option(help="pending or responded.")] = None,
) -> None:
    """List questions and answers.

    Examples:
      corral intervention list --status pending
      corral intervention list --task-id 3f2a --json
    """
    cli = invocation(context)
    found = cli.client.get("/interventions", task_id=task_id, status=status)
    cli.output.rows(found, INTERVENTIONS, envelope=found, empty="No questions.")


@app.command()
def respond(
    context: typer.Context,
    intervention: Intervention,
    response: Annotated[str | None, typer.Option(help="The answer; `-` reads it from stdin.")] = None,
    file: Annotated[str | None, typer.Option("--file", help="File with the answer.", metavar="FILE")] = None,
) -> None:
    """Answer a question; the agent gets the answer and goes on.

    Example:
      corral intervention respond 9b1c… --response 'Use the second schema'
    """
    cli = invocation(context)
    body = {"response": text_or_file(response, file, "the answer")}
    answered: dict[str, Any] = cli.client.post(f"/interventions/{segment(intervention)}/respond", body)
    cli.output.result(answered, f"Answered {answered.get('id') or intervention}.")


@app.command()
def wait(
    context: typer.Context,
    intervention: Intervention,
    timeout: Annotated[str | None, typer.Option(help="Give up after this long.", metavar="DURATION")] = None,
) -> None:
    """Wait for the answer to a question and print it.

    Example:
      answer=$(corral intervention wait 9b1c… --timeout 1h)
    """
    cli = invocation(context)
    limit = seconds(timeout) if timeout else None
    client = cli.client
    answer = follow.until(
        client, [], lambda: answer_of(client, intervention, None), timeout=limit, missing="there is no answer"
    )
    cli.output.result(answer, str(answer.get("response") or ""))


def answer_of(client: Client, identity: str, task: str | None) -> dict[str, Any] | None:
    """Return the intervention once it is answered, None until then. Raises NotFound."""
    found = [
        entry for entry in client.get("/interventions", task_id=task) if str(entry.get("id", "")).startswith(identity)
    ]
    if not found:
        raise NotFound(f"there is no question {identity!r}", hint="`corral intervention list` shows them.")
    return found[0] if found[0].get("status") != "pending" else None
