"""session record."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from corral_cli.commands.session.arguments import Session, path_of
from corral_cli.context import invocation
from corral_cli.errors import Usage
from corral_cli.output import field
from corral_cli.reading import confirm
from corral_cli.table import Column, Row
from corral_cli.text import clean, format_duration
from corral_cli.views import when


def record(
    context: typer.Context,
    session: Session,
    on: Annotated[bool, typer.Option("--on", help="Record what it prints from now on.")] = False,
    off: Annotated[bool, typer.Option("--off", help="Record no longer; what is recorded stays.")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete what is recorded so far.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Show what is recorded of a session, switch its recording on or off, or delete what there is.

    Sessions are recorded from their first byte on unless they were started with --no-record; secrets that the hub
    knows are masked before. Of a flood only a part is kept, and the recording says where something is missing.

    Examples:
      corral session record build
      corral session record build --off
      corral session record build --off && corral session record build --delete --yes
    """
    cli = invocation(context)
    if on + off + delete > 1:
        raise Usage("--on, --off and --delete are three different things", hint="Choose one of them.")
    path = path_of(session, "recording")
    if delete:
        confirm(f"Delete the recording of {session}?", yes=yes)
        cli.output.result(cli.client.delete(path), f"Deleted the recording of {session}.")
    elif on or off:
        found: dict[str, Any] = cli.client.put(path, {"on": on})
        name = clean(found.get("session_name") or session)
        told = f"{name} is recorded from now on." if on else f"{name} is not recorded any longer; what there is stays."
        cli.output.result(found, f"{told} `corral session replay {name}` plays it.")
    else:
        cli.output.item(cli.client.get(path), FIELDS)


def _length(row: Row) -> str:
    seconds = row.get("duration")
    return format_duration(seconds) if row.get("state") and isinstance(seconds, (int, float)) else ""


def _missing(row: Row) -> str:
    gaps = row.get("gaps")
    return f"{row.get('skipped_bytes')} bytes in {gaps} gaps" if gaps else "nothing" if row.get("state") else ""


FIELDS: Sequence[Column] = (
    field("session", "session_name"),
    Column("recording", lambda row: "yes" if row.get("recording") else "no"),
    field("state"),
    Column("complete", lambda row: "yes" if row.get("complete") else "no"),
    Column("length", _length),
    field("output bytes", "output_bytes"),
    Column("missing", _missing),
    field("size"),
    field("segments"),
    when("updated", "updated_at"),
)
