"""`corral doctor`."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from corral_cli.config_file import Loaded, load
from corral_cli.context import Invocation, invocation
from corral_cli.doctor import hub, machine
from corral_cli.doctor.findings import Finding, summary, verdict
from corral_cli.output import Output, field
from corral_cli.progress import spinning
from corral_cli.settings import Origin
from corral_cli.up.household import environment_of, module
from corral_cli.up.place import Place, find_place

_MARKS: Mapping[str, tuple[str, str]] = {"ok": ("✓", "green"), "warn": ("!", "bold yellow"), "fail": ("✗", "bold red")}
_COLUMNS = tuple(field(name, wide=name in ("why", "fix")) for name in ("check", "level", "why", "fix"))
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
    if cli.output.machine or cli.output.quiet or cli.output.columns:
        named = [{"id": row["check"], **row} for row in rows]
        cli.output.rows(named, _COLUMNS, envelope={"result": level, "checks": rows})
    else:
        _print(cli.output, findings)
    if level == "fail":
        raise typer.Exit(1)


def examine(cli: Invocation, place: Place) -> Iterator[Finding]:
    """Run every check, those that need nothing first."""
    environment = environment_of(place, os.environ)
    yield from machine.python()
    yield from machine.git()
    yield from machine.disk(place)
    yield from machine.permissions(place)
    status = ask_daemon("status", environment)
    loaded = hub_of_this_machine(cli, status)
    yield from hub.hub(loaded, worker=bool(status and status.get("server_name")))
    yield from hub.daemon(loaded, status)
    yield from machine.agents(ask_daemon("probe", environment))


def hub_of_this_machine(cli: Invocation, status: Mapping[str, Any] | None) -> Loaded:
    """Return the settings; where nobody named a hub, with the one that this machine works for."""
    served = status.get("hub_url") if status else None
    if not served or cli.loaded.settings["hub_url"].origin is not Origin.DEFAULT:
        return cli.loaded
    return load({**cli.flags, "hub_url": str(served)}, cli.environment, cli.directory)


def _print(output: Output, findings: Sequence[Finding]) -> None:
    """Print a line for each check and, where it is not well, what to do about it."""
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        mark, style = _MARKS[finding.level]
        output.hanging(f"{output.painted(mark, style)} {finding.check:<{width}}  ", finding.why, indent=width + 4)
        for fix in finding.fix.splitlines():
            output.hanging(" " * (width + 4) + output.painted("→ ", "bold"), fix, indent=width + 6)
    output.line(f"\n{summary(findings)}")


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
