"""A real machine: a daemon of ours as a process, with a real holder and real programs, enrolled at a real hub."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.hub_process import PATIENCE, HubProcess, eventually

ROOT = Path(__file__).parents[2]


class Machine:
    def __init__(self, hub: HubProcess, folder: Path, variables: Mapping[str, str]) -> None:
        self.hub = hub
        self.folder = folder
        self.key, self.name = hub.machine()
        self._variables = variables
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.daemon.terminal_daemon", str(self.folder), self.hub.url]
        with (self.folder / "daemon.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, self.key["X-API-Key"]],
                cwd=ROOT,
                env={**os.environ, **self._variables},
                stdin=subprocess.DEVNULL,
                stderr=log,
            )
        path = f"/servers/{self.name}"
        eventually(lambda: self.hub.get(path, self.hub.admin)["connected"], "the daemon is connected")

    def stop(self, *, kill: bool = False) -> None:
        assert self.process
        (self.process.kill if kill else self.process.terminate)()
        self.process.wait(PATIENCE)

    def run(self, *argv: str, **more: Any) -> "Running":
        body = {"server": self.name, "argv": argv, "env": {"PS1": "$ ", "HOME": str(self.folder)}, **more}
        return Running(self.hub, str(self.hub.post("/sessions", self.hub.admin, body)["id"]))

    def end_sessions(self) -> None:
        for session in self.hub.get("/sessions", self.hub.admin)["sessions"]:
            if session["server_name"] == self.name and session["status"] in ("starting", "running"):
                running = Running(self.hub, session["id"])
                self.hub.post(f"/sessions/{running.id}/kill", self.hub.admin)
                running.until(lambda found: found["status"] == "closed", "closed")


class Running:
    """A session of a real machine."""

    def __init__(self, hub: HubProcess, id: str) -> None:
        self.hub = hub
        self.id = id

    def type(self, text: str, *, enter: bool = True) -> None:
        self.hub.post(f"/sessions/{self.id}/input", self.hub.admin, {"text": text, "enter": enter})

    def until(self, holds: Callable[[Any], Any], what: str) -> Any:
        seen: dict[str, Any] = {}

        def reached() -> Any:
            seen.update(self.hub.get(f"/sessions/{self.id}", self.hub.admin))
            return holds(seen)

        eventually(reached, f"the session is {what}")
        return seen

    def does(self, attention: str, why: str = "") -> Any:
        """Wait until it does that; return what is believed."""

        def reached(session: Any) -> bool:
            found = session["attention"] or {"attention": None, "why": ""}
            return found["attention"] == attention and why in found["why"]

        return self.until(reached, f"{attention} {why}")["attention"]


@contextmanager
def a_machine(hub: HubProcess, folder: Path, variables: Mapping[str, str] | None = None) -> Iterator[Machine]:
    """Afterwards nothing runs any more."""
    machine = Machine(hub, folder, variables or {})
    machine.start()
    try:
        yield machine
        machine.end_sessions()
    finally:
        machine.stop()
