"""run watch."""

import typer

from corral_cli.commands.run.arguments import Run, Timeout
from corral_cli.commands.run.watching import watch_run
from corral_cli.context import invocation


def watch(context: typer.Context, run: Run, timeout: Timeout = None) -> None:
    """Follow a run to its end: its graph with states and times, drawn in place; into a pipe, a line for each change.

    -o ndjson prints each change as JSON, --json only the run once it has ended. A hub that is away is waited for.

    Exit codes: 0 completed · 1 failed or cancelled · 124 the timeout is over.

    Examples:
      corral run watch 3f2a
      corral run watch 3f2a --timeout 30m -o ndjson
      corral run watch $(corral workflow run release -q) && ./announce
    """
    watch_run(invocation(context), run, timeout=timeout)
