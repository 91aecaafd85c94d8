"""audit: who administered what."""

from typing import Annotated

import typer

from corral_cli.context import invocation
from corral_cli.output import talk
from corral_cli.table import Column
from corral_cli.text import to_json
from corral_cli.views import when

ENTRIES = (
    Column("number", lambda row: str(row.get("number", ""))),
    when("at"),
    Column("actor", lambda row: str(row.get("actor", "")) + (f" ({row['via']})" if row.get("via") else ""), cut=True),
    Column("action", lambda row: str(row.get("action", ""))),
    Column("what", lambda row: str(row.get("name") or row.get("target") or ""), cut=True),
    Column("details", lambda row: to_json(row["details"], None) if row.get("details") else "", cut=True),
    Column("address", lambda row: str(row.get("address") or "")),
)


def audit(
    context: typer.Context,
    actor: Annotated[str | None, typer.Option(help="Only what this one did: user:ada@example.org.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this: user.create, or all of a noun: user.")] = None,
    target: Annotated[str | None, typer.Option(help="Only what was done to this id.", metavar="ID")] = None,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=500)] = 50,
    verify: Annotated[bool, typer.Option("--verify", help="Say whether the log is as it was written.")] = False,
) -> None:
    """Show who administered what, newest first: users, keys, machines, projects, workflows.

    Each entry holds a hash of itself and the one before; --verify finds what was changed or taken out in between.

    Examples:
      corral audit --action user
      corral audit --target 5d0e0000-0000-4000-8000-000000000000 --json
      corral audit --verify
    """
    cli = invocation(context)
    if verify:
        found = cli.client.get("/audit/verify", people=True)
        whole = f"{found['checked']} entries, each follows from the one before."
        broken = f"Entry {found['broken_at']} does not follow from the one before it: the log was changed there."
        cli.output.result(found, whole if found["intact"] else broken)
        raise typer.Exit(0 if found["intact"] else 1)
    found = cli.client.get("/audit", people=True, actor=actor, action=action, target=target, limit=limit)
    cli.output.rows(found["entries"], ENTRIES, envelope=found, empty="Nothing was administered yet.")
    if found.get("next_before") and not cli.output.machine and not cli.output.quiet:
        talk("There is more: --limit shows more of it.")
