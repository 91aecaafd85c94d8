"""corral exec."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

import typer

from corral_cli.body import present, seconds, variables
from corral_cli.client import segment
from corral_cli.context import Invocation, invocation
from corral_cli.errors import CliError, CommandMissing, CommandUnusable, Lost, NotPermitted, NotRun, Usage
from corral_cli.lazy import lazy
from corral_cli.lookup import server_names
from corral_cli.output import talk
from corral_protocol.remote import Exec, ExecEnded

dialling = lazy("corral_cli.terminal.dial")
outlets = lazy("corral_cli.remote.outlets")
running = lazy("corral_cli.remote.running")
signals = lazy("corral_cli.terminal.signals")
tty = lazy("corral_cli.terminal.tty")

_LATE = 124
_LONGEST = 3600.0
"""Seconds for which the hub holds an answer back."""
_NOT_STARTED: Mapping[str, type[CliError]] = {"command_missing": CommandMissing, "command_unusable": CommandUnusable}


def execute(
    context: typer.Context,
    server: Annotated[str, typer.Argument(metavar="SERVER", help="The machine.", autocompletion=server_names)],
    command: Annotated[
        list[str] | None, typer.Argument(metavar="-- COMMAND", help="The program and its arguments.")
    ] = None,
    directory: Annotated[
        str | None, typer.Option("--cwd", help="Directory to run in; else the home directory.", metavar="PATH")
    ] = None,
    repo: Annotated[str | None, typer.Option(help="Repository to run in.")] = None,
    env: Annotated[list[str] | None, typer.Option(help="Variable for it.", metavar="NAME=VALUE")] = None,
    timeout: Annotated[str | None, typer.Option(help="End it after 90s, 10m, …", metavar="DURATION")] = None,
    stdin: Annotated[
        bool, typer.Option("--stdin", "-i", help="Pass standard input on; else it reads nothing.")
    ] = False,
) -> None:
    """Run a single command on a machine, with its output as it comes and its exit code.

    No shell is in between: say `-- sh -c '…'` for one. Standard output and standard error stay apart, byte by byte.
    Whoever reads slowly slows the command down. It never outlives this program: Ctrl-C, --timeout, and the loss of
    the connection end its whole process tree; for what shall go on, use `corral session start`. With --json there is
    one answer at its end, with the first MiB of each stream, and an hour at most.

    Exit codes: that of the command, 128+n when signal n ended it · 124 --timeout elapsed · 125 it was not run ·
    126 it cannot be executed · 127 there is no such program · 255 the connection was lost, and it was ended.

    Examples:
      corral exec build-3 -- uname -a
      corral exec build-3 --repo shop --timeout 10m -- make test
      tar c src | corral exec build-3 -i --cwd /tmp -- tar x
      corral exec build-3 --json -- df -P | jq -r .stdout
    """
    if not command:
        raise Usage("there is no command", hint=f"Put it behind dashes: corral exec {server} -- COMMAND.")
    order = Exec(
        server=server, argv=tuple(command), directory=directory, repo=repo, env=variables(env or []),
        timeout=seconds(timeout) if timeout else None, stdin=stdin,
    )  # fmt: skip
    raise typer.Exit(_run(invocation(context), order))


def _run(cli: Invocation, order: Exec) -> int:
    """Return the exit code. Raises CliError."""
    if order.timeout == 0:
        raise Usage("a timeout of 0 leaves no time", hint="Leave it out for none.")
    try:
        return _collected(cli, order) if cli.output.machine else _live(cli, order)
    except (Lost, NotRun) as error:
        kind = _NOT_STARTED.get(error.code)
        if kind is None:
            raise
        raise kind(error.message, code=error.code, hint=error.hint) from error


def _live(cli: Invocation, order: Exec) -> int:
    """Return the exit code. Raises NotRun, Lost."""
    sys.stdout.flush()
    sys.stderr.flush()
    with signals.listening(running.SIGNALS) as heard:
        wire = _dial(cli)
        ways = [tty.Outlet(1), tty.Outlet(2)]
        try:
            ending = running.Running(wire, order, outlets.Outlets(*ways), 0 if order.stdin else None, heard).run()
        finally:
            wire.close()
            for way in ways:
                way.close()
    if ending.ended is None:
        return 128 + ending.signal
    if ending.signal is not None and ending.ended.stopped:
        return 128 + ending.signal
    return _code_of(order, ending.ended)


def _dial(cli: Invocation) -> Any:
    client = cli.client
    try:
        token = client.credential.token or client.credential.api_key
        if token is None:
            raise NotPermitted(f"you are not logged in to {client.hub_url}")
        return dialling.connect(client.hub_url, "/ws/exec", {"type": "auth", "token": token})
    except CliError as error:
        raise NotRun(error.message, code=error.code, hint=error.hint) from error


def _collected(cli: Invocation, order: Exec) -> int:
    """Ask, wait for the whole answer, print it. Raises NotRun, Lost."""
    if order.stdin:
        raise Usage("--json has no standard input to pass on", hint="Leave out --stdin, or --json.")
    order = replace(order, timeout=order.timeout or _LONGEST)
    body = present(
        argv=list(order.argv), directory=order.directory, repo=order.repo, env=order.env or None, timeout=order.timeout
    )
    try:
        answer = cli.client.wait_for(f"/servers/{segment(order.server)}/exec", body)
    except CliError as error:
        kind = Lost if error.code == "server_lost" else NotRun
        raise kind(error.message, code=error.code, hint=error.hint) from error
    cli.output.json(answer)
    known = {name: answer.get(name) for name in ("exit_code", "signal")}
    return _code_of(order, ExecEnded(channel=0, timed_out=answer.get("timed_out") is True, **known))


def _code_of(order: Exec, ended: ExecEnded) -> int:
    """Raises Lost."""
    if ended.timed_out:
        talk(f"corral: timed out after {order.timeout or 0:g}s; it was ended on {order.server}")
        return _LATE
    if ended.signal is not None:
        return min(128 + ended.signal, 255)
    if ended.exit_code is None:
        raise Lost(f"how it ended on {order.server} is not known: its watcher there was killed", code="end_unknown")
    return ended.exit_code & 0xFF
