"""join, and the way into the daemon's own program: started, never imported."""

import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from corral_cli.errors import Failed
from corral_cli.mount import passing_through


@passing_through
def join(
    token: Annotated[str, typer.Argument(help="The registration token; `-` reads it from stdin.")],
    context: typer.Context,
) -> None:
    """Make this machine a server of a hub, with a token that `corral token create` printed there.

    Further options go to the daemon's program as they are; `corral daemon join --help` lists them.

    Examples:
      corral join orcreg_aHR0cHM6….k3y
      corral join orcreg_aHR0cHM6….k3y --name build-3
      corral daemon run
    """
    become_daemon(["join", token, *context.args])


def become_daemon(words: Sequence[str]) -> None:
    """Replace this process by the daemon's program, so that signals and exit codes are its own."""
    if importlib.util.find_spec("corral_daemon") is None:
        raise Failed(
            "the daemon is not installed beside this command",
            code="daemon_missing",
            hint="Install it: `python -m pip install corral-daemon`.",
        )
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", "corral_daemon", *words])  # noqa: S606 - no shell is meant
