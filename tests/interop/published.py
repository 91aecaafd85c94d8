"""The published agent and its CLI themselves, unmodified, where CORRAL_ORCHESTRATIA_DIR names a copy of them.

It needs `orchestratia_agent/` there (or in `agent/`), and a Python that has what it requires: the one that
CORRAL_ORCHESTRATIA_PYTHON names, or that of `venv/` or `.venv/` there. The agent's code is not part of this repository.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.hub_process import HubProcess, eventually

PATIENCE = 90.0
NOBODY = 65534
FOLDER = os.environ.get("CORRAL_ORCHESTRATIA_DIR")

NEEDS_A_COPY = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER, reason="set CORRAL_ORCHESTRATIA_DIR to a copy of the Orchestratia agent v0.20.0 to run it for real"
    ),
]


@contextmanager
def home() -> Iterator[Path]:
    """A home of its own. As root the agent would use /etc, so that root hands over to nobody."""
    folder = Path(tempfile.mkdtemp(prefix="corral-interop-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Published:
    """The agent's programs, run in `home`."""

    home: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def package(self) -> Path:
        folder = Path(FOLDER or "")
        return next(place for place in (folder, folder / "agent") if (place / "orchestratia_agent").is_dir())

    @property
    def python(self) -> str:
        folder = Path(FOLDER or "")
        places = (folder / name / "bin" / "python" for name in ("venv", ".venv"))
        found = (str(place) for place in places if place.exists())
        return os.environ.get("CORRAL_ORCHESTRATIA_PYTHON") or next(found, sys.executable)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "USER": "nobody",
            "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "TMPDIR": str(self.home),
            "TMUX_TMPDIR": str(self.home),
            "PYTHONPATH": str(self.package),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_PROXY": "127.0.0.1",
            "ORCHESTRATIA_SESSION_ID": "sess-real",
            **self.variables,
        }

    @property
    def started(self) -> dict[str, Any]:
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        return {"cwd": self.home, "env": self.environment, **user}

    def run(self, module: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = [self.python, "-m", f"orchestratia_agent.{module}", *words]
        try:
            return subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, **self.started
            )
        except PermissionError as error:
            pytest.fail(
                f"nobody may not run {error.filename}: make the copy's venv with a Python that everybody can read"
            )

    def say(self, *words: str) -> str:
        """Run the CLI for a person's eyes; return what it printed."""
        done = self.run("cli", *words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.say("--json", *words))

    def refuse(self, *words: str) -> str:
        done = self.run("cli", "--json", *words)
        assert (done.returncode, done.stderr) == (1, ""), done.stdout + done.stderr
        return str(json.loads(done.stdout)["error"])


@dataclass
class Enrolled(Published):
    """The agent enrolled at a hub, and its daemon."""

    hub: HubProcess = field(kw_only=True)
    daemon: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.home / "agent.log").read_text()

    @property
    def server(self) -> dict[str, Any]:
        (server,) = self.hub.get("/servers", self.hub.admin)["servers"]
        return server

    def enrol(self) -> None:
        done = self.run("main", "--register", self.hub.token())
        assert done.returncode == 0, done.stdout + done.stderr
        config = self.home / ".config" / "orchestratia" / "config.yaml"
        assert "orc_" in config.read_text()
        with config.open("a") as file:
            file.write("mcp:\n  enabled: false\n")  # as published it needs an MCP library of a version long past

    def start(self) -> None:
        with (self.home / "agent.log").open("wb") as log:
            command = [self.python, "-m", "orchestratia_agent.main", "--debug"]
            self.daemon = subprocess.Popen(command, stdout=log, stderr=log, **self.started)
        eventually(lambda: self.server["connected"] and self.server["status"] == "online", "the agent is online")

    def stop(self) -> None:
        if self.daemon is not None:
            self.daemon.kill()  # SIGTERM takes it up to a minute
            self.daemon.wait(PATIENCE)
