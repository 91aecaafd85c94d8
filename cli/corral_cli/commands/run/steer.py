"""run cancel, pause, resume, retry, answer."""

from typing import Annotated, Any

import typer

from corral_cli.client import segment
from corral_cli.commands.run.arguments import Node, Run, Timeout, Watch, name_of, path_of
from corral_cli.commands.run.watching import watch_run
from corral_cli.context import Invocation, invocation
from corral_cli.errors import Conflict, Usage
from corral_cli.lookup import node_keys
from corral_cli.text import short_id
from corral_cli.workflow.picture import asked, reason

From = Annotated[str | None, typer.Option("--from", help="Node to begin at.", metavar="NODE", autocompletion=node_keys)]


def cancel(
    context: typer.Context,
    run: Run,
    reason: Annotated[str, typer.Option(help="Why, for whoever asks later.")] = "",
) -> None:
    """Stop a run, and every process it has running.

    Example:
      corral run cancel 3f2a --reason 'wrong branch'
    """
    cli = invocation(context)
    found = cli.client.post(path_of(run, "cancel"), {"reason": reason})
    cli.output.result(found, f"Run {name_of(found)} is {found['status']}.")


def pause(context: typer.Context, run: Run) -> None:
    """Begin no further node of a run; what runs goes on.

    Example:
      corral run pause 3f2a
    """
    cli = invocation(context)
    found = cli.client.post(path_of(run, "pause"))
    cli.output.result(
        found, f"Run {name_of(found)} is {found['status']}. `corral run resume {short_id(found['id'])}` goes on."
    )


def resume(context: typer.Context, run: Run) -> None:
    """Go on with a run that was paused.

    Example:
      corral run resume 3f2a
    """
    cli = invocation(context)
    found = cli.client.post(path_of(run, "resume"))
    cli.output.result(found, f"Run {name_of(found)} is {found['status']}.")


def retry(context: typer.Context, run: Run, start: From = None, watch: Watch = False, timeout: Timeout = None) -> None:
    """Run again what failed and all behind it, as a new run of the same version; what went well is taken over.

    With --from, it begins at that node instead.

    Examples:
      corral run retry 3f2a
      corral run retry 3f2a --from deploy --watch
    """
    cli = invocation(context)
    found = cli.client.post(path_of(run, "retry"), {"from_node": start} if start else {})
    begun(cli, found, watch=watch, timeout=timeout)


def answer(
    context: typer.Context,
    run: Run,
    node: Node = None,
    approve: Annotated[bool, typer.Option("--approve", help="Yes.")] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="No.")] = False,
    comment: Annotated[str, typer.Option(help="What to say with it.")] = "",
) -> None:
    """Give the word that a node of a run waits for. Without NODE, to the only one that asks.

    Examples:
      corral run answer 3f2a --approve
      corral run answer 3f2a deploy --refuse --comment 'not on a Friday'
    """
    cli = invocation(context)
    if approve == refuse:
        raise Usage("an answer is yes or no", hint="Give one of --approve and --refuse.")
    key = node or _only_asked(cli, run)
    body = {"approved": approve, "comment": comment}
    found = cli.client.post(path_of(run, "nodes", segment(key), "answer"), body)
    cli.output.result(found, f"{'Approved' if approve else 'Refused'} {key} of run {name_of(found)}.")


def begun(cli: Invocation, run: dict[str, Any], *, watch: bool, timeout: str | None) -> None:
    """Tell of a run that has just begun, or follow it to its end."""
    if watch:
        watch_run(cli, str(run["id"]), timeout=timeout)
        return
    id = short_id(run["id"])
    cli.output.result(run, f"Run {name_of(run)} has begun. `corral run watch {id}` follows it.")


def _only_asked(cli: Invocation, run: str) -> str:
    rows = asked(cli.client.get(path_of(run)))
    if not rows:
        hint = f"`corral run show {run}` tells what it is doing."
        raise Conflict("no node of this run asks anything", code="nothing_asked", hint=hint)
    if len(rows) > 1:
        words = "; ".join(f"{row['key']} {reason(row)}" for row in rows)
        raise Usage(f"{len(rows)} nodes ask: {words}", code="ambiguous_node", hint="Name one of them behind the run.")
    return str(rows[0]["key"])
