"""session resize, close, kill, remove."""

import sys
from typing import Annotated

import typer

from corral_cli.commands.session.arguments import Session, name_of, path_of
from corral_cli.context import invocation
from corral_cli.errors import Usage
from corral_cli.lazy import lazy
from corral_cli.reading import confirm

tty = lazy("corral_cli.terminal.tty")

LARGEST = 1000
"""Columns or rows."""


def resize(
    context: typer.Context,
    session: Session,
    size: Annotated[str | None, typer.Argument(metavar="[COLUMNSxROWS]", help="Else: the size of this window.")] = None,
) -> None:
    """Give a session's terminal another size. While somebody drives it, their window decides.

    Examples:
      corral session resize build 132x43
      corral session resize build
    """
    cli = invocation(context)
    cols, rows = read_size(size) if size else tty.window_size(sys.stdout.fileno())
    found = cli.client.post(path_of(session, "resize"), {"cols": cols, "rows": rows})
    cli.output.result(found, f"{session} is {cols}×{rows} now.")


def close(context: typer.Context, session: Session) -> None:
    """End a session: its processes are asked to leave, and killed if they do not.

    Example:
      corral session close build
    """
    cli = invocation(context)
    found = cli.client.post(path_of(session, "close"))
    cli.output.result(found, f"{name_of(found) or session} is closing. `corral session wait {session}` waits for it.")


def kill(context: typer.Context, session: Session) -> None:
    """Kill all processes of a session at once.

    Example:
      corral session kill build
    """
    cli = invocation(context)
    found = cli.client.post(path_of(session, "kill"))
    cli.output.result(found, f"{name_of(found) or session} is being killed.")


def remove(
    context: typer.Context,
    session: Session,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a session that has ended from the list, with what was kept of it.

    Example:
      corral session remove build --yes
    """
    cli = invocation(context)
    confirm(f"Remove {session} and what was kept of it?", yes=yes)
    cli.output.result(cli.client.delete(path_of(session)), f"Removed {session}.")


def read_size(text: str) -> tuple[int, int]:
    """Read `120x40`. Raises Usage."""
    cols, _, rows = text.lower().replace("×", "x").partition("x")
    if not (cols.isdecimal() and rows.isdecimal() and 1 <= int(cols) <= LARGEST and 1 <= int(rows) <= LARGEST):
        raise Usage(f"{text!r} is no size", hint=f"Write COLUMNSxROWS, e.g. 120x40; each from 1 to {LARGEST}.")
    return int(cols), int(rows)
