"""dlq list, stats, show."""

from typing import Annotated, Any

import typer

from corral_cli.commands.dlq.arguments import (
    BLOCKS,
    COUNTS,
    FIELDS,
    LETTERS,
    Letter,
    OfType,
    OfWorkflow,
    path_of,
    workflow_id,
)
from corral_cli.context import invocation
from corral_cli.output import talk

_DEFAULT_LIMIT = 50
_LARGEST = 500
"""The largest page that the hub hands out."""
_NOTHING = "No dead letters: nothing has failed for good, or all of it was seen to."
_GROUPS = {"by_workflow": "workflow", "by_node_type": "node type", "by_error": "error"}


def list_letters(
    context: typer.Context,
    workflow: OfWorkflow = None,
    node_type: OfType = None,
    limit: Annotated[int, typer.Option(min=0, help="How many; 0 for all.")] = _DEFAULT_LIMIT,
    after: Annotated[int, typer.Option(min=0, help="Only those with a higher number.", metavar="LETTER")] = 0,
) -> None:
    """List dead letters, the oldest first.

    Examples:
      corral dlq list --workflow release
      corral dlq list --node-type httpRequest -q | xargs -n1 corral dlq replay
    """
    cli = invocation(context)
    of = workflow_id(cli, workflow)
    letters: list[Any] = []
    while True:
        size = min(limit - len(letters), _LARGEST) if limit else _LARGEST
        page = cli.client.get("/dead-letters", workflow=of, node_type=node_type, after=after, limit=size)
        letters.extend(page["dead_letters"])
        after = page["next"]
        is_last = len(page["dead_letters"]) < size
        if is_last or (limit and len(letters) >= limit):
            break
    cli.output.rows(letters, LETTERS, envelope={"dead_letters": letters, "next": after}, empty=_NOTHING)
    if not is_last and not cli.output.machine and not cli.output.quiet:
        talk(f"there may be more: add --limit 0, or --after {after}")


def stats(context: typer.Context) -> None:
    """Count dead letters by workflow, by type of node and by class of error.

    Examples:
      corral dlq stats
      corral dlq stats --json | jq .total
    """
    cli = invocation(context)
    found: dict[str, Any] = cli.client.get("/dead-letters/stats")
    rows = [
        {"id": what, "by": word, "what": what, "count": count}
        for group, word in _GROUPS.items()
        for what, count in sorted(found[group].items(), key=lambda entry: (-entry[1], entry[0]))
    ]
    cli.output.rows(rows, COUNTS, envelope=found, empty=_NOTHING)
    if rows and not cli.output.machine and not cli.output.quiet:
        talk(f"{found['total']} in all. `corral dlq list` names them.")


def show(context: typer.Context, letter: Letter) -> None:
    """Show a dead letter: what failed, why, and the input that it had.

    Examples:
      corral dlq show 7
      corral dlq show 7 --json | jq .inputs
    """
    cli = invocation(context)
    found = cli.client.get(path_of(letter))
    cli.output.item(found, FIELDS, BLOCKS)
    if not (cli.output.machine or cli.output.quiet or cli.output.columns):
        talk(f"\n`corral dlq replay {letter}` tries it again; `corral dlq remove {letter}` takes it away.")
