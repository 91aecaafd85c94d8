"""dlq replay, remove, purge."""

from typing import Annotated, Any

import typer

from corral_cli.body import present, seconds
from corral_cli.commands.dlq.arguments import Letter, OfType, OfWorkflow, Yes, name_of, path_of, workflow_id
from corral_cli.commands.run.arguments import Timeout, Watch
from corral_cli.commands.run.steer import begun
from corral_cli.context import invocation
from corral_cli.errors import Usage
from corral_cli.reading import confirm

OlderThan = Annotated[
    str | None, typer.Option(help="Only those that lie there for longer: 90m, 36h, 7d.", metavar="DURATION")
]


def replay(context: typer.Context, letter: Letter, watch: Watch = False, timeout: Timeout = None) -> None:
    """Try it again, and all behind it, as a new run with the input it had; asked twice, it is tried once.

    Success takes the dead letter away. Another failure leaves it, with one replay more.

    Examples:
      corral dlq replay 7 --watch
      corral dlq list --workflow release --limit 0 -q | xargs -n1 corral dlq replay
    """
    cli = invocation(context)
    begun(cli, cli.client.post(path_of(letter, "replay")), watch=watch, timeout=timeout)


def remove(context: typer.Context, letter: Letter, yes: Yes = False) -> None:
    """Take a dead letter away unseen to. Its run and what happened in it stay.

    Example:
      corral dlq remove 7 --yes
    """
    cli = invocation(context)
    found: dict[str, Any] = cli.client.get(path_of(letter))
    confirm(f"Remove {name_of(found)}?", yes=yes)
    cli.client.delete(path_of(letter))
    cli.output.result({"id": found["id"], "removed": True}, f"Removed {name_of(found)}.")


def purge(
    context: typer.Context,
    workflow: OfWorkflow = None,
    node_type: OfType = None,
    older_than: OlderThan = None,
    everything: Annotated[bool, typer.Option("--all", help="Without any of the others: all there are.")] = False,
    yes: Yes = False,
) -> None:
    """Take away all dead letters that fit what is given.

    Examples:
      corral dlq purge --older-than 30d --yes
      corral dlq purge --workflow release --node-type httpRequest
      corral dlq purge --all
    """
    cli = invocation(context)
    chosen = present(
        workflow=workflow_id(cli, workflow),
        node_type=node_type,
        older_than_hours=seconds(older_than) / 3600 if older_than else None,
    )
    if bool(chosen) == everything:
        raise Usage(
            "it must be clear which to take away",
            hint="Give --workflow, --node-type, --older-than, or --all by itself.",
        )
    which = " ".join(
        filter(None, (workflow and f"of {workflow}", node_type, older_than and f"older than {older_than}"))
    )
    confirm(f"Remove all dead letters{f' ({which})' if which else ''}?", yes=yes)
    found = cli.client.post("/dead-letters/purge", {**chosen, "all": everything})
    count = found["removed"]
    cli.output.result(found, f"Removed {count} dead letter{'' if count == 1 else 's'}.")
