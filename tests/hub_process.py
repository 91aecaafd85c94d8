"""A real hub as a process of its own, on real PostgreSQL, and a client for it. Fixtures: `hub`, `shared_hub`."""

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import asyncpg
import httpx
import pytest

from corral_hub import clock
from corral_hub.accounts.secret import load_secret
from corral_hub.accounts.tokens import issue_task_token
from corral_hub.settings import Settings
from tests.conftest import apart, at
from tests.hub_document import conforms

PATIENCE = 60.0
ADMIN = "admin@example.org"
PASSWORD = "correct horse battery"
Json = dict[str, Any]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(holds: Callable[[], Any], what: str) -> Any:
    """Wait until `holds()` is true and return what it returned; fail after a long time."""
    limit = time.monotonic() + PATIENCE
    while not (answer := holds()):
        if time.monotonic() > limit:
            pytest.fail(f"it never happened that {what}")
        time.sleep(0.02)
    return answer


@dataclass
class HubProcess:
    """`with HubProcess(folder, database_url) as hub: hub.get("/tasks", hub.admin)`. `admin` is the headers of one."""

    folder: Path
    database_url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "hub.log").read_text(errors="replace")

    @property
    def environment(self) -> Mapping[str, str]:
        """No setting of the machine that runs the tests gets in."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CORRAL_", "ORCHESTRATIA_"))}
        own = {
            "HOME": self.folder / "home",
            "PORT": self.port,
            "DATABASE_URL": self.database_url,
            "ADMIN_EMAIL": ADMIN,
            "ADMIN_PASSWORD": PASSWORD,
        }
        return {**kept, **{f"CORRAL_{name}": str(value) for name, value in own.items()}, **self.settings}

    def start(self) -> None:
        """Start, wait until it serves, and log the first admin in. Starts again on the same port and database."""
        command = [sys.executable, "-m", "corral_hub"]
        with (self.folder / "hub.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=dict(self.environment), stdout=log, stderr=log)
        hooks = {"response": [conforms]}
        self.client = httpx.Client(base_url=self.url, timeout=PATIENCE, trust_env=False, event_hooks=hooks)
        eventually(self._serves, "the hub serves")
        self.admin = self.login(ADMIN)

    def stop(self) -> None:
        assert self.process is not None
        self.client.close()
        self.process.terminate()
        self.process.wait(PATIENCE)

    def _serves(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            pytest.fail(f"the hub ended with {self.process.returncode}:\n{self.log}")
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    # -- asking -------------------------------------------------------------------

    def ask(self, method: str, path: str, who: Mapping[str, str] | None = None, **arguments: Any) -> httpx.Response:
        """Ask under /api/v1, as `who` (headers, e.g. `hub.admin`)."""
        return self.client.request(method, f"/api/v1{path}", headers={**(who or {}), **arguments.pop("headers", {})},
                                   **arguments)  # fmt: skip

    def get(self, path: str, who: Mapping[str, str] | None = None) -> Any:
        """Return the body of a successful GET."""
        return self._body(self.ask("GET", path, who))

    def post(self, path: str, who: Mapping[str, str] | None = None, body: Any = None) -> Any:
        """Return the body of a successful POST."""
        return self._body(self.ask("POST", path, who, **({} if body is None else {"json": body})))

    @staticmethod
    def _body(answer: httpx.Response) -> Any:
        assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
        return answer.json()

    # -- people, projects, machines -----------------------------------------------

    def login(self, email: str) -> Mapping[str, str]:
        answer = self.ask("POST", "/login", data={"username": email, "password": PASSWORD})
        return {"Authorization": f"Bearer {self._body(answer)['access_token']}"}

    def viewer(self) -> Mapping[str, str]:
        """Return the headers of a new viewer."""
        email = f"viewer-{secrets.token_hex(4)}@example.org"
        self.post("/users", self.admin, {"email": email, "password": PASSWORD, "role": "viewer"})
        return self.login(email)

    def project(self, **settings: Any) -> str:
        """Return the id of a new project."""
        body = {"name": f"project-{secrets.token_hex(4)}", "settings": settings}
        return str(self.post("/projects", self.admin, body)["id"])

    def token(self, project_id: str | None = None) -> str:
        """Return a registration token; without a project for a machine that serves them all."""
        return str(self.post("/servers/tokens", self.admin, {"project_id": project_id})["token"])

    def machine(self, project_id: str | None = None, name: str | None = None) -> tuple[Mapping[str, str], str]:
        """Enrol a machine that never connects; return its headers and its name."""
        name = name or f"machine-{secrets.token_hex(4)}"
        made = self.post("/servers/register", None, {"registration_token": self.token(project_id), "name": name})
        path = f"/servers/{made['id']}"
        eventually(lambda: self.get(path, self.admin)["slots"]["max"] > 0, "dispatch has taken notice of the machine")
        return {"X-API-Key": made["api_key"]}, made["name"]

    def task_token(self, task: Json, seconds: float = 3600, secret: str | None = None) -> Mapping[str, str]:
        """Return the headers of the agent at work on a task, in its present epoch, from now on for so long."""
        settings = Settings(home=self.folder / "home")
        token = issue_task_token(
            secret or load_secret(settings),
            UUID(task["id"]),
            UUID(task["project_id"]),
            task["epoch"],
            clock.now(),
            seconds,
        )
        return {"X-API-Key": token}

    def task(self, who: Mapping[str, str] | None = None, **fields: Any) -> Json:
        """Create a task; as the admin unless `who` is a machine."""
        prefix = "/server" if who and "X-API-Key" in who else ""
        return self.post(f"{prefix}/tasks", who or self.admin, {"title": "A task", **fields})


@contextmanager
def database(postgres: str, template: str) -> Iterator[str]:
    """A copy of the template for longer than one test."""
    name = f"corral_shared_{os.getpid()}_{secrets.token_hex(6)}"
    apart(lambda: _execute(postgres, f"create database {name} template {template}"))
    try:
        yield at(postgres, name)
    finally:
        apart(lambda: _execute(postgres, f"drop database if exists {name} with (force)"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(at(url, "postgres"))
    try:
        await asyncio.wait_for(connection.execute(statement), PATIENCE)
    finally:
        await connection.close()


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[HubProcess]:
    """A hub of this test's own."""
    with HubProcess(tmp_path, database_url) as running:
        yield running


@pytest.fixture(scope="session")
def shared_hub(postgres: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """One hub for every test that adds to it and minds nobody else's rows. It must not have failed at anything."""
    with database(postgres, template) as url, HubProcess(tmp_path_factory.mktemp("hub"), url) as running:
        yield running
        assert "internal_error" not in running.log, running.log
