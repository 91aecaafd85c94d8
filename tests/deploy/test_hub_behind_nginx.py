"""What docker-compose.yml composes, without Docker: its hub settings, our nginx, real PostgreSQL. A person logs in."""

import json
import os
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from corral_protocol.tokens import parse_token
from tests.deploy.edge import PATIENCE, ROOT, Edge, listening, moved, running

pytestmark = pytest.mark.acceptance
EMAIL, PASSWORD = "ada@example.org", "correct horse battery staple"
SECRET = "Zk2mQ8vT4xLw7RbN1sJc6YhD3gFp9Ae5Zk2mQ8vT"


def composed(secrets: Path, edge: Edge, database_url: str) -> dict[str, str]:
    """The hub's environment as the Compose file gives it, with secrets and addresses of this test."""
    written = {"database_url": database_url, "corral_secret": SECRET, "admin_password": PASSWORD}
    secrets.mkdir()
    for name, value in written.items():
        (secrets / name).write_text(value)
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["hub"]
    environment = {
        name: value.replace("/run/secrets", str(secrets)).replace("/var/lib/corral", str(edge.folder / "home"))
        for name, value in service["environment"].items()
    }
    own = {"CORRAL_PUBLIC_URL": f"https://localhost:{edge.https}", "CORRAL_ADMIN_EMAIL": EMAIL}
    return {**environment, **own, "CORRAL_HOST": "127.0.0.1", "CORRAL_PORT": str(edge.upstream)}


@contextmanager
def hub(environment: dict[str, str], log: Path) -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CORRAL_")}
    with log.open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", "corral_hub"], env={**kept, **environment}, stdout=printed, stderr=printed
        )
        try:
            yield
        finally:
            process.terminate()
            assert process.wait(PATIENCE) == 0, log.read_text()


@pytest.fixture
async def edge(tmp_path: Path, database_url: str) -> AsyncIterator[Edge]:
    site = moved(tmp_path)
    with running(site), hub(composed(tmp_path / "secrets", site, database_url), tmp_path / "hub.log"):
        await listening(site.upstream)
        await listening(site.https)
        yield site


@pytest.fixture
async def client(edge: Edge) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"https://localhost:{edge.https}/api/v1", verify=edge.trust) as opened:
        form = {"username": EMAIL, "password": PASSWORD}
        token = (await opened.post("/login", data=form)).raise_for_status().json()["access_token"]
        opened.headers["Authorization"] = f"Bearer {token}"
        yield opened


async def test_the_composition(edge: Edge, client: httpx.AsyncClient) -> None:
    """One start of everything, for three questions."""
    await _the_first_administrator_works_through_tls(edge, client)
    await _problems_look_alike_whoever_answers(client)
    await _a_dashboard_is_let_in_and_strangers_are_not(edge, client)


async def _the_first_administrator_works_through_tls(edge: Edge, client: httpx.AsyncClient) -> None:
    me = (await client.get("/me")).raise_for_status().json()
    assert (me["email"], me["role"]) == (EMAIL, "admin")
    made = (await client.post("/servers/tokens", json={})).raise_for_status().json()
    assert parse_token(made["token"]).hub_url == f"https://localhost:{edge.https}"


async def _problems_look_alike_whoever_answers(client: httpx.AsyncClient) -> None:
    from_hub = await client.get("/tasks/00000000-0000-0000-0000-000000000000")
    from_nginx = await client.post("/tasks", content=b"x" * (2**20 + 1))
    for answer, status in ((from_hub, 404), (from_nginx, 413)):
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert {"type", "title", "status", "detail", "code", "hint"} <= answer.json().keys()


async def _a_dashboard_is_let_in_and_strangers_are_not(edge: Edge, client: httpx.AsyncClient) -> None:
    token = client.headers["Authorization"].removeprefix("Bearer ")
    welcomed = await _greet(edge.https, "/ws/dashboard", edge.trust, {"type": "auth", "token": token})
    assert json.loads(welcomed)["type"] == "auth_ok"
    for path, frame in (("/ws/dashboard", {"token": "no"}), ("/ws/server", {"api_key": "no"})):
        with pytest.raises(ConnectionClosed) as closed:
            await _greet(edge.https, path, edge.trust, {"type": "auth", **frame})
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


async def _greet(port: int, path: str, trust: ssl.SSLContext, frame: dict[str, Any]) -> str | bytes:
    async with connect(f"wss://localhost:{port}{path}", ssl=trust) as link:
        await link.send(json.dumps(frame))
        while (answer := await link.recv()) and '"error"' in str(answer):
            continue
        return answer
