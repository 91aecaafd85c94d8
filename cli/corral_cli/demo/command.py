"""`corral demo`."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from corral_cli.body import seconds
from corral_cli.context import Invocation, invocation
from corral_cli.demo.board import Board
from corral_cli.demo.repository import git
from corral_cli.demo.run import Built, check, create_tasks, find_server, follow, offer_repository
from corral_cli.text import format_duration, parse_time, short_id
from corral_cli.up.command import own_name
from corral_cli.up.household import environment_of
from corral_cli.up.place import find_place

Task = Mapping[str, Any]


def demo(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option(help="The home `corral up` uses (CORRAL_HOME).")] = None,
    timeout: Annotated[str, typer.Option(help="Give up after this long: 90s, 10m.")] = "5m",
) -> None:
    """Build a small project with a graph of tasks on this machine; needs no API key.

    It makes a git repository, offers it to the daemon of `corral up`, and lets six tasks work on it.

    Examples:
      corral demo
      corral demo --json | jq .verification
    """
    cli = invocation(context)
    place = find_place(os.environ, home=str(home) if home else None)
    server = find_server(cli.client, place)
    built = offer_repository(cli.client, server, place, environment_of(place, os.environ))
    ids = create_tasks(cli.client, built)
    title = f"{built.repo} on {server['name']}: {built.path}"
    board = Board(cli.output.console(), title, silent=cli.output.machine or cli.output.quiet)
    tasks = follow(cli.client, ids, board, seconds(timeout))
    show(cli, built, tasks, check(cli.client, tasks))


def show(cli: Invocation, built: Built, tasks: Sequence[Task], verification: Mapping[str, Any]) -> None:
    """Print what is on disk now."""
    if cli.output.machine or cli.output.quiet:
        found = {"id": built.repo, "path": str(built.path), "verification": dict(verification), "tasks": list(tasks)}
        cli.output.item({**found, "log": git(built.path, "log", "--oneline", "--graph").splitlines()}, ())
        return
    tests = verification.get("tests")
    python = "python3" if shutil.which("python3") else sys.executable
    cli.output.lines(
        [
            "",
            f"All {len(tasks)} tasks are done in {_took(tasks)}; {tests} tests passed on the merged result. See it:",
            "",
            f"  cd {shlex.quote(str(built.path))}",
            f"  {python} -m units 26.2 mile km",
            "  git log --oneline --graph",
            "",
            f"And why each task ran where it did: {own_name(sys.argv[0])} task explain {short_id(tasks[-1]['id'])}",
        ]
    )


def _took(tasks: Sequence[Task]) -> str:
    """Return how long it was from the first start to the last end."""
    begins = [moment for task in tasks if (moment := parse_time(task.get("started_at")))]
    ends = [moment for task in tasks if (moment := parse_time(task.get("completed_at")))]
    return format_duration((max(ends) - min(begins)).total_seconds())
