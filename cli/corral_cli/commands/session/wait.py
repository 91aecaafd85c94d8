"""session wait."""

from typing import Annotated, Any

import typer

from corral_cli import follow
from corral_cli.body import seconds
from corral_cli.commands.session.arguments import Session, attention, name_of, path_of
from corral_cli.context import invocation
from corral_cli.errors import Failed, Usage
from corral_cli.terminal.awaited import STATES, expand, judge
from corral_cli.waiting import Verdict

_STATES = ", ".join(STATES)


def wait(
    context: typer.Context,
    session: Session,
    until: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help=f"State to wait for; several: any of them. {_STATES}")
    ] = None,
    timeout: Annotated[str | None, typer.Option(help="Give up after this long.", metavar="DURATION")] = None,
) -> None:
    """Wait until a session reaches a state (closed, unless --until says otherwise).

    What it is doing (working, idle, waits_for_input) its machine judges by its screen and its processes; with an older
    daemon or agent on that machine only running and closed are told. `corral session show` says why it is believed.
    Exit codes: 0 reached · 1 it ended otherwise · 124 the timeout is over.

    Examples:
      corral session wait build --timeout 10m
      corral session wait agent --until waits_for_input --until finished && corral session read agent
      corral session wait agent --until idle,ended
    """
    cli = invocation(context)
    wanted = read_states(until or [])
    client, path = cli.client, path_of(session)
    path = path_of(str(client.get(path)["id"]))  # a name may mean another session by and by

    def look() -> tuple[Verdict, dict[str, Any]] | None:
        found = client.get(path)
        verdict = judge(found, wanted)
        return None if verdict is Verdict.WAITING else (verdict, found)

    limit = seconds(timeout) if timeout else None
    missing = f"{session} is not {' or '.join(sorted(wanted))}"
    verdict, found = follow.until(client, [], look, timeout=limit, missing=missing)
    if verdict is not Verdict.REACHED:
        raise Failed(
            f"{name_of(found)} is {found.get('status')} and was never {' or '.join(sorted(wanted))}",
            code=f"session_{found.get('status')}",
            hint=f"`corral session show {str(found['id'])[:8]}` shows how it ended.",
            details={"session_id": found["id"], "status": found.get("status"), "exit_code": found.get("exit_code")},
        )
    cli.output.result(found, f"{name_of(found)}: {attention(found) or found.get('status')}")


def read_states(words: list[str]) -> frozenset[str]:
    """Return the states named; commas separate too. Raises Usage."""
    try:
        return expand([part for word in words for part in word.split(",") if part])
    except ValueError as error:
        raise Usage(str(error), hint=f"States: {_STATES}.") from error
