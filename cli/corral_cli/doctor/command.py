"""`corral doctor`."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from corral_cli.context import Invocation, invocation
from corral_cli.doctor import hub, machine
from corral_cli.doctor.findings import Finding, verdict
from corral_cli.output import Column
from corral_cli.progress import spinning
from corral_cli.up.household import environment_of, module
from corral_cli.up.place import Place, find_place

_MARKS: Mapping[str, tuple[str, str]] = {
    "ok": ("✓ ok", "green"),
    "warn": ("! warn", "yellow"),
    "fail": ("✗ fail", "bold red"),
}
_COLUMNS = (
    Column("check", lambda row: str(row["check"])),
    Column("result", lambda row: _MARKS[row["level"]][0], lambda row: _MARKS[row["level"]][1]),
    Column("why", lambda row: str(row["why"]), wide=True),
    Column("fix", lambda row: str(row["fix"]), wide=True),
)
_PROBES_WITHIN = 60


def doctor(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option(help="The home `corral up` uses (CORRAL_HOME).")] = None,
) -> None:
    """Check this machine, the hub and the daemon; exit code 1 if something fails.

    Examples:
      corral doctor
      corral doctor --json | jq -r '.checks[] | select(.level != "ok") | .fix'
    """
    cli = invocation(context)
    place = find_place(os.environ, home=str(home) if home else None)
    with spinning("examining"):
        findings = list(examine(cli, place))
    level = verdict(findings)
    rows = [finding.as_json() for finding in findings]
    cli.output.rows(rows, _COLUMNS, envelope={"result": level, "checks": rows})
    if level == "fail":
        raise typer.Exit(1)


def examine(cli: Invocation, place: Place) -> Iterator[Finding]:
    """Run every check, those that need nothing first."""
    environment = environment_of(place, os.environ)
    yield from machine.python()
    yield from machine.git()
    yield from machine.disk(place)
    yield from machine.permissions(place)
    yield from hub.hub(cli.loaded)
    yield from hub.daemon(cli.loaded, ask_daemon("status", environment))
    yield from machine.agents(ask_daemon("probe", environment))


def ask_daemon(command: str, environment: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Return what `python -m corral_daemon COMMAND --json` says, None if it says nothing useful."""
    argv = [*module("corral_daemon"), command, "--json"]
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, env=dict(environment), timeout=_PROBES_WITHIN
        )
        said = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return said if isinstance(said, dict) and "error" not in said else None
