"""join, and the way into the daemon's own program: started, never imported."""

import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from corral_cli.context import invocation
from corral_cli.errors import Failed

Config = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Configuration file. Without it: daemon.toml in $CORRAL_HOME.")
]


def join(
    context: typer.Context,
    token: Annotated[str, typer.Argument(help="The registration token; `-` reads it from stdin.")],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What the hub calls this machine.")] = None,
    repo: Annotated[
        list[str] | None, typer.Option(metavar="NAME=PATH", help="Repository to offer; may be repeated.")
    ] = None,
    max_concurrent: Annotated[int | None, typer.Option(min=1, help="How many tasks at once.")] = None,
    config: Config = None,
) -> None:
    """Make this machine a server of a hub, with a token that `corral token create` printed there.

    Joining again keeps what the configuration says about repositories; a new key replaces the old one.

    Examples:
      corral join orcreg_aHR0cHM6….k3y
      corral join orcreg_aHR0cHM6….k3y --name build-3 --repo website=~/src/website
      ssh hub corral token create -q | corral join -
    """
    become_daemon(context, "join")


def become_daemon(context: typer.Context, *verbs: str) -> None:
    """Replace this process by the daemon's program, so that signals and exit codes are its own."""
    if importlib.util.find_spec("corral_daemon") is None:
        raise Failed(
            "the daemon is not installed beside this command",
            code="daemon_missing",
            hint="Install it: `python -m pip install corral-daemon`.",
        )
    words = [*verbs, *_given(context)]
    if invocation(context).flags.get("output") in ("json", "ndjson"):
        words.append("--json")
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", "corral_daemon", *words])  # noqa: S606 - no shell is meant


def _given(context: typer.Context) -> Iterator[str]:
    """Yield what was given on our command line, as the daemon's program takes it: the names are the same."""
    for parameter in context.command.params:
        value: Any = context.params.get(str(parameter.name))
        if parameter.param_type_name == "argument":
            yield from [value] if isinstance(value, str) else map(str, _many(value))
        elif value is True:
            yield parameter.opts[0]
        elif value:
            for one in _many(value):
                yield from (parameter.opts[0], str(one))


def _many(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else [value]
