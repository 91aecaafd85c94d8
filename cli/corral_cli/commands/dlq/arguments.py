"""Arguments of the commands on dead letters, and the columns people see of them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from corral_cli.client import segment
from corral_cli.commands.run.arguments import OfWorkflow
from corral_cli.commands.workflow.arguments import path_of as path_of_workflow
from corral_cli.context import Invocation
from corral_cli.lookup import letter_ids, node_types
from corral_cli.output import field
from corral_cli.table import Column, Row
from corral_cli.text import clean
from corral_cli.views import block, identity, when

Letter = Annotated[
    int, typer.Argument(metavar="LETTER", help="Its number.", min=1, max=2**63 - 1, autocompletion=letter_ids)
]
OfType = Annotated[
    str | None, typer.Option("--node-type", help="Only nodes of this type.", metavar="TYPE", autocompletion=node_types)
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
__all__ = ["BLOCKS", "COUNTS", "FIELDS", "LETTERS", "Letter", "OfType", "OfWorkflow", "Yes", "name_of", "path_of"]


def path_of(letter: int, *rest: str) -> str:
    """Return the route of a dead letter, or of something below it."""
    return "/".join(("/dead-letters", segment(str(letter)), *rest))


def workflow_id(cli: Invocation, name: str | None) -> int | None:
    """Return the number of a workflow that is given by name or number. Raises NotFound."""
    return None if name is None else int(cli.client.get(path_of_workflow(name))["id"])


def name_of(letter: Mapping[str, Any]) -> str:
    """Return what people call it: `dead letter 7 (node build of release)`."""
    return f"dead letter {letter.get('id')} (node {clean(letter.get('key'))} of {clean(letter.get('workflow'))})"


def _error(row: Row) -> str:
    error = row.get("error")
    return f"{error.get('kind')}: {error.get('message')}" if isinstance(error, Mapping) else ""


_RED = "red"
LETTERS: Sequence[Column] = (
    field("id"),
    field("workflow", cut=True),
    field("node", "key"),
    field("type", "node_type", spare=2),
    Column("attempts", lambda row: str(row.get("attempt") or ""), spare=3),
    Column("replays", lambda row: str(row.get("replays") or ""), spare=3),
    when("since", "created_at", spare=1),
    Column("error", _error, lambda _: _RED, cut=True),
)

FIELDS: Sequence[Column] = (
    field("id"),
    field("workflow"),
    field("node", "key"),
    field("type", "node_type"),
    field("attempts", "attempt"),
    Column("error", _error, lambda _: _RED),
    identity("run_id", "run"),
    field("replays"),
    identity("replay_run_id", "replayed by"),
    when("since", "created_at"),
    when("last failed", "last_error_at"),
)

BLOCKS: Sequence[Column] = (block("Input", "inputs"), block("Parameters", "parameters"))

COUNTS: Sequence[Column] = (field("by"), field("what", cut=True), field("count"))
