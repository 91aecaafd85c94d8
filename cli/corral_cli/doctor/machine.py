"""Checks of this machine: what Corral needs here, and who may read what it keeps."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from corral_cli.config_file import user_path
from corral_cli.doctor.findings import Finding, fail, judge_disk, judge_mode, ok, warn
from corral_cli.text import clean
from corral_cli.up.place import Place
from corral_cli.up.report import AGENTS

OLDEST_PYTHON = (3, 11)
_SECRETS = ("daemon.toml", "hub.toml", "up.json")


def python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        yield fail("python", f"Python {version} is too old", "Install Python 3.11 or newer, then: make clean install")
    else:
        yield ok("python", f"Python {version}")


def git() -> Iterator[Finding]:
    path = shutil.which("git")
    if path is None:
        yield fail("git", "git is not installed", "Install it: apt install git, dnf install git, brew install git …")
        return
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    yield ok("git", clean(done.stdout.strip()) or path)


def disk(place: Place) -> Iterator[Finding]:
    folder = next(path for path in (place.home, *place.home.parents) if path.exists())
    usage = shutil.disk_usage(folder)
    yield judge_disk(usage.free, usage.total, str(folder))
    if not os.access(folder, os.W_OK):
        yield fail("home", f"{folder} cannot be written", "Name another home: CORRAL_HOME=DIR or corral up --home DIR.")


def permissions(place: Place) -> Iterator[Finding]:
    """Every file that may hold a secret, as far as it exists."""
    paths = [*(place.home / name for name in _SECRETS), user_path(os.environ)]
    existing = [path for path in paths if path.is_file()]
    findings = [judge_mode(str(path), stat.S_IMODE(path.stat().st_mode)) for path in existing]
    bad = [finding for finding in findings if finding.level != "ok"]
    yield from bad or [ok("config permissions", "files with secrets are private")]


def agents(found: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Judge what the daemon's probes found; `found` is None if they could not be run."""
    if found is None:
        yield warn("agent CLIs", "the probes could not be run", "Look closer: corral daemon probe")
        return
    here = {str(agent.get("name")): agent for agent in found.get("agents", ())}
    real = [name for name in AGENTS if name in here]
    if not real:
        ways = "\n".join(f"{name}: {get}" for name, _, get in AGENTS.values())
        yield warn("agent CLIs", "none found; tasks can still run commands and the echo agent", ways)
    for name in real:
        yield _agent(name, here[name])


def _agent(key: str, agent: Mapping[str, Any]) -> Finding:
    name, login, _ = AGENTS[key]
    said = f"{name} {clean(agent.get('version') or '')}".strip()
    if agent.get("logged_in") is False:
        return warn("agent CLIs", f"{said} is not logged in", f"Log in: {login}")
    return ok("agent CLIs", said + (" is logged in" if agent.get("logged_in") else ""))
