"""A whole Corral for a test: a real hub process, real daemon processes, the real CLI, on real PostgreSQL.

Read a test as a story: `world.daemon("one")`, `world.create(...)`, `world.until(task, "done")`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from corral_daemon.pty.dismiss import dismiss
from corral_hub.accounts.actions import Accounts
from corral_hub.accounts.secret import load_secret
from corral_hub.db.database import Database
from corral_hub.settings import Settings
from tests.conftest import apart
from tests.tls import TLS

PATIENCE = 120.0
Json = dict[str, Any]

# Short, so that a loss is noticed within seconds. The ratios are those of the defaults.
PACE = {"CORRAL_HEARTBEAT": "0.5", "CORRAL_OFFLINE_AFTER": "4", "CORRAL_RESTART_GRACE": "6"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Daemon:
    """A daemon process with a home of its own."""

    name: str
    home: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """As a power cut would: no good-bye."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@dataclass
class World:
    folder: Path
    database_url: str
    pace: dict[str, str] = field(default_factory=lambda: dict(PACE))
    for_daemons: dict[str, str] = field(default_factory=dict[str, str])
    port: int = field(default_factory=free_port)
    hub: subprocess.Popen[bytes] | None = None
    token: str = ""
    daemons: dict[str, Daemon] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def hub_log(self) -> str:
        return (self.folder / "hub.log").read_text(errors="replace")

    @property
    def environment(self) -> dict[str, str]:
        """No setting of the machine that runs the tests gets in."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CORRAL_", "ORCHESTRATIA_"))}
        return {**kept, "XDG_CONFIG_HOME": str(self.folder / "config"), "PYTHONUNBUFFERED": "1"}

    # -- the hub ------------------------------------------------------------------

    def start_hub(self) -> None:
        """Start the hub and wait until it serves. A second start meets the same port and database."""
        environment = {
            **self.environment, **self.pace, "CORRAL_HOME": str(self.folder / "hub"), "CORRAL_PORT": str(self.port),
            "CORRAL_DATABASE_URL": self.database_url,
        }  # fmt: skip
        with (self.folder / "hub.log").open("ab") as log:
            self.hub = subprocess.Popen([sys.executable, "-m", "corral_hub"], env=environment, stdout=log, stderr=log)
        self.eventually(self._serves, "the hub serves")
        if not self.token:
            self.token = apart(self._owners_token)

    async def _owners_token(self) -> str:
        """What `corral_hub bootstrap` does, without a process that loads the whole hub for it (tests/takeover does)."""
        settings, database = Settings(home=self.folder / "hub"), Database(self.database_url)
        try:
            accounts = Accounts(database, settings, load_secret(settings))
            await accounts.bootstrap()
            issued = await accounts.login_as_owner()
        finally:
            await database.close()
        assert issued is not None, "there is an administrator, or one was made above"
        return issued[0]

    def _serves(self) -> bool:
        assert self.hub is not None
        if self.hub.poll() is not None:
            pytest.fail(f"the hub ended with {self.hub.returncode}:\n{(self.folder / 'hub.log').read_text()}")
        try:
            return httpx.get(f"{self.url}/readyz", verify=TLS).status_code == 200
        except httpx.TransportError:
            return False

    def kill_hub(self) -> None:
        assert self.hub is not None
        self.hub.kill()
        self.hub.wait()

    # -- daemons ------------------------------------------------------------------

    def daemon(self, name: str, slots: int = 2, **repos: Path) -> Daemon:
        """Enrol a machine and start its daemon; return once the hub sees it."""
        token = self.post("/servers/tokens", {})["token"]
        made = Daemon(name, self.folder / name, self.folder / f"{name}.log")
        words = ["join", token, "--name", name, "--max-concurrent", str(slots)]
        for repo, path in repos.items():
            words += ["--repo", f"{repo}={path}"]
        command = [sys.executable, "-m", "corral_daemon", *words]
        done = subprocess.run(command, env=self._daemon_environment(made), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        self.daemons[name] = made
        self.start_daemon(made)
        return made

    def start_daemon(self, daemon: Daemon) -> None:
        with daemon.log.open("ab") as log:
            command = [sys.executable, "-m", "corral_daemon", "run"]
            daemon.process = subprocess.Popen(command, env=self._daemon_environment(daemon), stdout=log, stderr=log)
        self.eventually(lambda: self.server(daemon.name)["connected"], f"{daemon.name} is connected")

    def _daemon_environment(self, daemon: Daemon) -> dict[str, str]:
        return {**self.environment, "CORRAL_HOME": str(daemon.home), **self.for_daemons}

    def server(self, name: str) -> Json:
        return self.get(f"/servers/{name}")

    # -- the API and the CLI --------------------------------------------------------

    def request(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.url}/api/v1{path}"
        return httpx.request(method, url, json=body, headers=headers, timeout=30, verify=TLS)

    def get(self, path: str) -> Any:
        answer = self.request("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.request("POST", path, body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def cli(self, *words: str, code: int = 0, stdin: str = "") -> Any:
        """Run the real CLI; return what `--json` printed (an empty output is None)."""
        environment = {**self.environment, "CORRAL_HUB_URL": self.url, "CORRAL_TOKEN": self.token}
        command = [sys.executable, "-m", "corral_cli", *words, "--json"]
        done = subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, timeout=120)
        assert done.returncode == code, f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def create(self, title: str, run: Json, **more: Any) -> str:
        """Create a task; return its id."""
        return self.post("/tasks", {"title": title, "run": run, **more})["id"]

    def echo(self, title: str, *script: str, **more: Any) -> str:
        """Create a task for the echo agent; `script` are its directives."""
        return self.create(title, {"kind": "agent", "agent": "echo", "prompt": "\n".join(script)}, **more)

    def task(self, id: str) -> Json:
        return self.get(f"/tasks/{id}")

    def events(self, id: str) -> list[str]:
        return [event["event_type"] for event in self.activity(id)]

    def activity(self, id: str) -> list[Json]:
        return self.get(f"/tasks/{id}/activity")["events"]

    def assignments(self, id: str) -> list[Json]:
        return self.get(f"/tasks/{id}/assignments")["assignments"]

    def output(self, id: str) -> str:
        return "".join(chunk["text"] for chunk in self.get(f"/tasks/{id}/output")["chunks"])

    # -- waiting ------------------------------------------------------------------

    def until(self, id: str, *states: str) -> Json:
        """Wait until the task is in one of these states; return it."""
        self.eventually(lambda: self.task(id)["status"] in states, f"task {id} is {' or '.join(states)}")
        return self.task(id)

    def eventually(self, holds: Callable[[], Any], what: str) -> None:
        limit = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > limit:
                pytest.fail(f"never came true: {what}\n{self.story()}")
            time.sleep(0.05)

    def story(self) -> str:
        """Everything the processes said, for a failing test."""
        logs = [self.folder / "hub.log", *(daemon.log for daemon in self.daemons.values())]
        return "\n".join(f"--- {log.name}\n{log.read_text()[-6000:]}" for log in logs if log.exists())

    def close(self) -> None:
        for daemon in self.daemons.values():
            if daemon.process is not None and daemon.process.poll() is None:
                daemon.process.send_signal(signal.SIGCONT)
                daemon.process.send_signal(signal.SIGINT)
        for daemon in self.daemons.values():
            if daemon.process is not None:
                daemon.process.wait(PATIENCE)
            dismiss(daemon.home / "daemon")  # terminals outlive their daemon
        if self.hub is not None and self.hub.poll() is None:
            self.hub.terminate()
            self.hub.wait(PATIENCE)


def marked(mark: str) -> Iterator[int]:
    """Return the pids of processes whose environment or command line carries `mark`."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in text:
                yield int(entry.name)
