"""session list, show, read."""

from typing import Annotated, Any

import typer

from corral_cli.commands.session.arguments import BLOCKS, FIELDS, SESSIONS, Server, Session, path_of
from corral_cli.context import invocation
from corral_cli.lookup import project_id
from corral_cli.output import talk
from corral_cli.text import clean
from corral_protocol.vocabulary import SessionStatus

_DEFAULT_LIMIT = 50


def list_sessions(
    context: typer.Context,
    status: Annotated[SessionStatus | None, typer.Option(help="Only with this status.")] = None,
    server: Server = None,
    limit: Annotated[int, typer.Option(min=0, help="How many of the newest; 0 for all.")] = _DEFAULT_LIMIT,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended.")] = None,
) -> None:
    """List sessions, the newest first: what each is doing, why that is believed, and since when.

    Examples:
      corral session list --status running
      corral session list --server build-3
      corral session list --json | jq -r '.sessions[] | select(.attention.attention == "waits_for_input") | .name'
    """
    cli = invocation(context)
    query = {"project_id": project_id(cli), "status": status.value if status else None, "server": server}
    found: list[Any] = []
    following: str | None = None
    for page, next_cursor in cli.client.pages("/sessions", "sessions", limit, cursor=cursor, **query):
        found.extend(page)
        following = next_cursor
    envelope = {"sessions": found, "next_cursor": following}
    cli.output.rows(found, SESSIONS, envelope=envelope, empty="No sessions. `corral session start` starts one.")
    if following and not cli.output.machine and not cli.output.quiet:
        talk(f"more: add --limit 0, or --cursor {following}")


def show(context: typer.Context, session: Session) -> None:
    """Show everything known about a session: what runs, where, what it is doing, who drives it, how it ended.

    Examples:
      corral session show build
      corral session show 3f2a --json | jq .attention
    """
    cli = invocation(context)
    cli.output.item(cli.client.get(path_of(session)), FIELDS, BLOCKS)


def read(
    context: typer.Context,
    session: Session,
    lines: Annotated[
        int | None, typer.Option("--lines", min=1, help="That many last lines of output, not the screen.")
    ] = None,
) -> None:
    """Print what is on a session's screen, as text. Nothing is typed, and nobody who watches notices.

    Examples:
      corral session read build
      corral session read build --lines 200 | grep -i error
      corral session read build --json | jq .cursor
    """
    cli = invocation(context)
    screen: dict[str, Any] = cli.client.get(path_of(session, "screen"), lines=lines)
    if cli.output.machine:
        cli.output.item(screen, ())
        return
    shown = [clean(line).rstrip() for line in screen.get("lines", ())]
    while shown and not shown[-1]:
        shown.pop()
    cli.output.lines(shown)
