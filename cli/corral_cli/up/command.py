"""`corral up`."""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from corral_cli.context import Invocation, invocation
from corral_cli.text import to_json
from corral_cli.up.claim import Claim
from corral_cli.up.place import Place, find_place
from corral_cli.up.run import Wishes, run
from corral_cli.up.talk import Talk


def up(
    context: typer.Context,
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
      corral up --json > corral.json
      CORRAL_DATABASE_URL=postgresql://corral@db.example.org/corral corral up --no-daemon
    """
    place = find_place(os.environ, home=str(home) if home else None, host=host, port=port)
    cli = invocation(context)
    as_json = cli.flags.get("output") in ("json", "ndjson")
    talk = _talk(cli, as_json)
    with Claim(place.home) as claim:
        if not claim.take():
            _say_running(talk, claim.read(), place, as_json)
            return
        wishes = Wishes(daemon=daemon, open_browser=open_browser, as_json=as_json, corral=own_name(sys.argv[0]))
        asyncio.run(run(place, wishes, talk, claim, os.environ))


def _talk(cli: Invocation, as_json: bool) -> Talk:
    colours = "auto" if cli.colour else None
    said = Console(stderr=as_json, color_system=colours, markup=False, highlight=False, emoji=False)
    return Talk(said, Console(stderr=True, color_system=colours, markup=False, highlight=False))


def _say_running(talk: Talk, held: Mapping[str, Any], place: Place, as_json: bool) -> None:
    url, process = held.get("url") or place.url, held.get("pid")
    if as_json:
        sys.stdout.write(to_json({"url": url, "pid": process, "already_running": True}) + "\n")
        return
    talk.say(f"Corral is already running at {url} (process {process or 'unknown'}).")
    talk.say("Ctrl-C in its terminal stops it.")


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
