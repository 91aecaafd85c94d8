"""inbox: what needs a person."""

from typing import Annotated

import typer

from corral_cli.context import invocation
from corral_cli.lookup import project_id
from corral_cli.output import talk
from corral_cli.table import Column, Row
from corral_cli.text import short_id
from corral_cli.views import when

COMMANDS = {
    "plan_review": "corral task approve {task}",
    "review": "corral task approve {task}",
    "intervention": "corral intervention respond {id}",
    "needs_human": "corral task show {task}",
    "failed": "corral task retry {task}",
    "approval": "corral run answer {run} {node}",
    "dead_letter": "corral run show {run}",
    "host_lost": "corral server show {title}",
}
"""What to say next, by kind."""


def _next(row: Row) -> str:
    ids = {"task": row.get("task_id"), "run": row.get("run_id"), "id": row.get("id")}
    shown = {name: short_id(value or "") for name, value in ids.items()}
    return COMMANDS.get(str(row.get("kind")), "").format(**shown, title=row.get("title", ""), node=row.get("node"))


ITEMS = (
    Column("kind", lambda row: str(row.get("kind", "")).replace("_", " ")),
    Column("title", lambda row: str(row.get("title", "")), cut=True),
    Column("why", lambda row: str((row.get("why") or {}).get("detail") or ""), cut=True),
    when("since"),
    Column("next", _next),
)


def inbox(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=200)] = 50,
) -> None:
    """Show what stands still until a person looks, newest first: why, since when, and what to say next.

    Plans and results to review, questions, failed tasks that nobody has seen, nodes that ask for approval, dead
    letters, machines that were lost.

    Examples:
      corral inbox
      corral inbox --json | jq .counts
    """
    cli = invocation(context)
    found = cli.client.get("/inbox", people=True, project_id=project_id(cli), limit=limit)
    cli.output.rows(found["items"], ITEMS, envelope=found, empty="Nothing needs you.")
    left = found["total"] - len(found["items"])
    if left > 0 and not cli.output.machine and not cli.output.quiet:
        talk(f"And {left} more: --limit shows more of it.")
