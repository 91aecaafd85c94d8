"""What the one who does a task says about it: start, plan, note, help, review, complete, fail."""

from typing import Annotated, Any

import typer

from corral_cli import follow
from corral_cli.body import present, seconds
from corral_cli.commands.intervention import answer_of
from corral_cli.commands.task.arguments import OwnTask, Timeout, path_of
from corral_cli.context import Invocation, invocation
from corral_cli.mount import NounGroup
from corral_cli.output import talk
from corral_cli.reading import json_or_text, read_file, read_json, text_or_file
from corral_cli.text import short_id
from corral_protocol.vocabulary import InterventionType

PANEL = "Work on it"
app = typer.Typer(cls=NounGroup)

ResultFile = Annotated[str | None, typer.Option(help="File with the result; `-` is stdin.", metavar="FILE")]


@app.command(rich_help_panel=PANEL)
def start(context: typer.Context, task: OwnTask = None) -> None:
    """Say that the work has begun.

    Example:
      corral task start 3f2a
    """
    cli = invocation(context)
    _moved(cli, cli.client.post(path_of(cli, task, "start")))


@app.command(rich_help_panel=PANEL)
def complete(
    context: typer.Context,
    task: OwnTask = None,
    result: Annotated[str | None, typer.Option(help="Result: JSON or text; `-` is stdin.")] = None,
    result_file: ResultFile = None,
    diff_stats: Annotated[
        str | None, typer.Option("--git-diff-stats", help="Statistics of the change, as JSON.", metavar="JSON")
    ] = None,
) -> None:
    """Hand in the result. Promised contracts belong in it, under `contracts`.

    Examples:
      corral task complete 3f2a --result 'Fixed; see the commit'
      corral task complete --result '{"summary": "done", "contracts": {"api": {"url": "/v1"}}}'
      corral task complete --result-file result.json
    """
    cli = invocation(context)
    body: dict[str, Any] = {"result": json_or_text(text_or_file(result, result_file, "the result"))}
    if diff_stats:
        body["git_diff_stats"] = read_json(diff_stats, "--git-diff-stats")
    _moved(cli, cli.client.post(path_of(cli, task, "complete"), body))


@app.command(rich_help_panel=PANEL)
def review(
    context: typer.Context,
    task: OwnTask = None,
    result: Annotated[str | None, typer.Option(help="Result to look at: JSON or text.")] = None,
    result_file: ResultFile = None,
) -> None:
    """Submit the work for a person's review.

    Example:
      corral task review 3f2a --result 'Ready; please look at the migration'
    """
    cli = invocation(context)
    given = text_or_file(result, result_file, "the result") if result or result_file else None
    body = present(result=None if given is None else json_or_text(given))
    _moved(cli, cli.client.post(path_of(cli, task, "review"), body))


@app.command(rich_help_panel=PANEL)
def fail(
    context: typer.Context,
    task: OwnTask = None,
    error: Annotated[str | None, typer.Option(help="Why it cannot be done; `-` is stdin.")] = None,
) -> None:
    """Give up, and say why.

    Example:
      corral task fail 3f2a --error 'The fixture server is gone'
    """
    cli = invocation(context)
    _moved(cli, cli.client.post(path_of(cli, task, "fail"), {"error": text_or_file(error, None, "--error")}))


@app.command("help", rich_help_panel=PANEL)
def ask_for_help(
    context: typer.Context,
    task: OwnTask = None,
    question: Annotated[str | None, typer.Option(help="What you need to know; `-` is stdin.")] = None,
    about: Annotated[str | None, typer.Option("--context", help="What the person should know to answer.")] = None,
    kind: Annotated[InterventionType, typer.Option("--type", help="What you need.")] = InterventionType.HELP,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the answer and print it.")] = False,
    timeout: Timeout = None,
) -> None:
    """Ask a person. (For the help page of a command use --help.)

    Examples:
      corral task help 3f2a --question 'Which of the two schemas is right?'
      corral task help --question 'May I drop the table?' --type approval --wait --timeout 1h
    """
    cli = invocation(context)
    body = present(question=text_or_file(question, None, "--question"), context=about, intervention_type=kind)
    asked = cli.client.post(path_of(cli, task, "help"), body)
    if not wait:
        cli.output.result(
            {**asked, "id": asked["intervention_id"]}, f"Asked: {asked['intervention_id']} ({asked['status']})."
        )
        return
    identity = str(asked["intervention_id"])
    talk(f"asked {identity}; waiting for the answer")
    limit = seconds(timeout) if timeout else None
    own = follow.full_ids(cli.client, [cli.own_task(task)])
    answer = follow.until(
        cli.client, own, lambda: answer_of(cli.client, identity, own[0]), timeout=limit, missing="there is no answer"
    )
    cli.output.result(answer, str(answer.get("response") or ""))


@app.command(rich_help_panel=PANEL)
def plan(
    context: typer.Context,
    task: OwnTask = None,
    proposal: Annotated[str | None, typer.Option("--plan", help="Plan: JSON or text; `-` is stdin.")] = None,
    plan_file: Annotated[str | None, typer.Option(help="File with the plan.", metavar="FILE")] = None,
) -> None:
    """Propose a plan and wait for its approval. Plain text becomes {"summary": text}.

    Examples:
      corral task plan 3f2a --plan 'First the schema, then the client'
      corral task plan --plan-file plan.json
    """
    cli = invocation(context)
    value = json_or_text(text_or_file(proposal, plan_file, "the plan"))
    body = {"plan": {"summary": value} if isinstance(value, str) else value}
    _moved(cli, cli.client.post(path_of(cli, task, "plan"), body))


@app.command(rich_help_panel=PANEL)
def note(
    context: typer.Context,
    task: OwnTask = None,
    content: Annotated[str | None, typer.Option(help="What to say; `-` is stdin.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", help="File with the note; `-` is stdin.", metavar="FILE")
    ] = None,
    urgent: Annotated[bool, typer.Option("--urgent", help="It should be read at once.")] = False,
) -> None:
    """Leave a note on a task, for whoever works on it or watches it.

    Examples:
      corral task note 3f2a --content 'The API moved to /v2' --urgent
      git log -1 | corral task note 3f2a --file -
    """
    cli = invocation(context)
    text = read_file(file) if file and content is None else text_or_file(content, file, "the note")
    saved = cli.client.post(path_of(cli, task, "notes"), {"content": text, "urgent": urgent})
    cli.output.result(saved, "Noted.")


def _moved(cli: Invocation, task: dict[str, Any]) -> None:
    cli.output.result(task, f"{short_id(task['id'])} is {task['status']}: {task.get('title', '')}")
