"""`corral up`."""

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from corral_cli.up.claim import Claim
from corral_cli.up.place import find_place
from corral_cli.up.run import Wishes, run
from corral_cli.up.talk import Talk


def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default 127.0.0.1 (CORRAL_HOST).")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; default 8000 (CORRAL_PORT).", min=0, max=65535)
    ] = None,
    home: Annotated[Path | None, typer.Option(help="Where everything is kept (CORRAL_HOME).")] = None,
    daemon: Annotated[bool, typer.Option("--daemon/--no-daemon", help="Make this machine a worker too.")] = True,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the URL in a browser.")] = False,
) -> None:
    """Run PostgreSQL, the hub and a daemon for this machine until Ctrl-C.

    Everything is kept in one directory and is there again at the next start.

    Examples:
      corral up
      corral up --port 8001 --home ~/corral-test
      corral up --host 0.0.0.0
      CORRAL_DATABASE_URL=postgresql://corral@db.example.org/corral corral up --no-daemon
    """
    place = find_place(os.environ, home=str(home) if home else None, host=host, port=port)
    talk = Talk(
        Console(markup=False, highlight=False, emoji=False), Console(stderr=True, markup=False, highlight=False)
    )
    with Claim(place.home) as claim:
        if not claim.take():
            held = claim.read()
            talk.say(
                f"Corral is already running at {held.get('url') or place.url} (process {held.get('pid', 'unknown')})."
            )
            talk.say("Ctrl-C in its terminal stops it.")
            return
        wishes = Wishes(daemon=daemon, open_browser=open_browser, corral=own_name(sys.argv[0]))
        asyncio.run(run(place, wishes, talk, claim, os.environ))


def own_name(argv0: str) -> str:
    """Return how to call this program: its bare name if PATH leads here, else the path from where we are."""
    path = Path(argv0).absolute()
    if path.name == "__main__.py":
        return f"{Path(sys.executable).name} -m {path.parent.name}"
    found = shutil.which(path.name)
    if found and Path(found).resolve() == path.resolve():
        return path.name
    shorter = os.path.relpath(path)
    return str(path) if shorter.startswith("..") else shorter
