"""Two hubs on one database, each a process that can be killed or suspended, and a way through to the one that works."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.acceptance.world import free_port
from tests.conftest import apart
from tests.tls import TLS

PATIENCE = 120.0
SECRET = "Zk2mQ8vT4xLw7RbN1sJc6YhD3gFp9Ae5Zk2mQ8vT"
PACE = {"CORRAL_HEARTBEAT": "0.5", "CORRAL_OFFLINE_AFTER": "20", "CORRAL_RESTART_GRACE": "20", "CORRAL_LEASE_TTL": "4"}


def eventually(holds: Callable[[], Any], what: str, story: Callable[[], str] = str) -> Any:
    limit = time.monotonic() + PATIENCE
    while not (answer := holds()):
        if time.monotonic() > limit:
            pytest.fail(f"never came true: {what}\n{story()}")
        time.sleep(0.02)
    return answer


@dataclass
class Hub:
    """A hub process; `ask` speaks to it and to nobody else."""

    name: str
    folder: Path
    database_url: str
    public_url: str | None = None
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CORRAL_", "ORCHESTRATIA_"))}
        own = {
            "CORRAL_HOME": str(self.folder / self.name), "CORRAL_PORT": str(self.port), "CORRAL_SECRET": SECRET,
            "CORRAL_DATABASE_URL": self.database_url, "CORRAL_PUBLIC_URL": self.public_url or self.url,
        }  # fmt: skip
        return {**kept, **PACE, **own, "PYTHONUNBUFFERED": "1"}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text(errors="replace")

    def start(self) -> None:
        """Return once it answers, whether it works or stands by."""
        with (self.folder / f"{self.name}.log").open("ab") as log:
            command = [sys.executable, "-m", "corral_hub"]
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        eventually(lambda: self.health() == 200, f"{self.name} answers", lambda: self.log)

    def health(self) -> int | None:
        assert self.process is not None
        if self.process.poll() is not None:
            pytest.fail(f"{self.name} ended with {self.process.returncode}:\n{self.log}")
        try:
            return httpx.get(f"{self.url}/healthz", verify=TLS).status_code
        except httpx.TransportError:
            return None

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5, verify=TLS).status_code == 200
        except httpx.TransportError:
            return False

    def wait_ready(self) -> None:
        eventually(self.ready, f"{self.name} works", lambda: self.log)

    def ask(self, method: str, path: str, token: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.url}/api/v1{path}"
        return httpx.request(method, url, headers=headers, json=body, timeout=30, verify=TLS)

    def token(self) -> str:
        words = [sys.executable, "-m", "corral_hub", "bootstrap", "--json"]
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, check=True)
        return str(json.loads(done.stdout)["cli_token"])

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def ended(self) -> int:
        """Return its exit status once it has ended."""
        assert self.process is not None
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(PATIENCE)


def fetch(url: str, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
    async def ask() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()

    return apart(ask)
