"""session replay."""

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from corral_cli.body import seconds
from corral_cli.commands.session.arguments import Session, path_of
from corral_cli.context import Invocation, invocation
from corral_cli.errors import Failed, Usage
from corral_cli.lazy import lazy
from corral_cli.output import talk
from corral_cli.terminal.cast import NotACast
from corral_cli.terminal.pace import FASTEST, SLOWEST, Pace

player = lazy("corral_cli.terminal.player")


def replay(
    context: typer.Context,
    session: Session,
    speed: Annotated[
        float, typer.Option(min=SLOWEST, max=FASTEST, help="How many times as fast as it was.", metavar="FACTOR")
    ] = 1.0,
    idle_limit: Annotated[
        str | None, typer.Option("--idle-limit", help="No pause is longer than this.", metavar="DURATION")
    ] = None,
    begin: Annotated[
        str | None, typer.Option("--from", help="Begin this long after its start.", metavar="DURATION")
    ] = None,
    to_file: Annotated[
        Path | None, typer.Option("--to-file", help="Write it to this file as asciicast instead.", metavar="FILE.cast")
    ] = None,
) -> None:
    """Play what a session has printed, as it was: also while it goes on, and after it has ended.

    Space pauses, the arrows go 10 seconds back or on, + and - change the speed, q leaves. What is played can neither
    write your clipboard nor change your title. Into a pipe all of it is written at once. A file that --to-file wrote
    is asciicast v2: asciinema and its web player play it.

    Examples:
      corral session replay build --speed 4 --idle-limit 2s
      corral session replay build --from 10m
      corral session replay build --to-file build.cast
      corral session replay build | grep -a error
    """
    cli = invocation(context)
    path = path_of(session, "recording.cast")
    start = seconds(begin) if begin else 0.0
    if to_file is not None:
        _save(cli, path, start, to_file)
    else:
        _play(cli, path, Pace(speed=speed, idle_limit=seconds(idle_limit) if idle_limit else None, at=start))


def _play(cli: Invocation, path: str, pace: Pace) -> None:
    """Raises typer.Exit, CliError."""
    try:
        code = player.play(lambda at: cli.client.download(path, **{"from": at}), pace)
    except NotACast as error:
        raise Failed(f"this recording cannot be played: {error}", hint="--to-file keeps it as it is.") from error
    raise typer.Exit(code)


def _save(cli: Invocation, path: str, start: float, file: Path) -> None:
    """Write the file, readable by its owner only: what was on a screen is not for everybody."""
    opener = partial(os.open, mode=0o600)
    try:
        with cli.client.download(path, **{"from": start}) as pieces, open(file, "xb", opener=opener) as target:
            for piece in pieces:
                target.write(piece)
    except FileExistsError as error:
        raise Usage(f"{file} is there already", hint="Name another file, or remove that one.") from error
    except OSError as error:
        raise Failed(
            f"{file} cannot be written: {error.strerror}", hint="Check the folder and its free space."
        ) from error
    talk(f"Wrote {file}.")
