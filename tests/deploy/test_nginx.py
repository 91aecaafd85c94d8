"""deploy/nginx, asked of nginx itself: is it valid, and does it do what it says?"""

import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.deploy.edge import Edge, listening, moved, running, upstream

MEBIBYTE = 2**20
HEADERS = {
    "strict-transport-security": "max-age=63072000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    site = moved(tmp_path)
    with running(site):
        yield site


@pytest.fixture
async def client(edge: Edge) -> AsyncIterator[httpx.AsyncClient]:
    await listening(edge.https)
    async with httpx.AsyncClient(base_url=f"https://localhost:{edge.https}", verify=edge.trust) as opened:
        yield opened


def test_nginx_accepts_it(tmp_path: Path) -> None:
    checked = subprocess.run(moved(tmp_path).command("-t"), capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr
    assert "[emerg]" not in checked.stderr


async def test_plain_http_is_sent_to_https(edge: Edge) -> None:
    await listening(edge.http)
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"http://localhost:{edge.http}/api/v1/login?next=1", content=b"x")
        health = await client.get(f"http://localhost:{edge.http}/edge-health")
    assert (answer.status_code, answer.headers["location"]) == (308, "https://localhost/api/v1/login?next=1")
    assert health.status_code == 204


async def test_it_passes_requests_on(edge: Edge, client: httpx.AsyncClient) -> None:
    async with upstream(edge.upstream):
        answer = await client.get("/api/v1/tasks", headers={"X-Forwarded-For": "10.9.8.7", "X-API-Key": "k"})
    assert (answer.status_code, answer.text) == (200, "GET /api/v1/tasks 0")
    assert answer.headers["seen-x-forwarded-for"] == "127.0.0.1"
    assert answer.headers["seen-x-forwarded-proto"] == "https"
    assert answer.headers["seen-x-api-key"] == "k"
    assert answer.headers["seen-host"].startswith("localhost")
    _has_security_headers(answer)


async def test_what_pages_may_do_is_the_hubs_to_say(edge: Edge, client: httpx.AsyncClient) -> None:
    said = {"Content-Security-Policy": "default-src 'none'; script-src 'self'", "X-Frame-Options": "DENY"}
    async with upstream(edge.upstream):
        answer = await client.get("/", headers={f"Say-{name}": value for name, value in said.items()})
    for name, value in said.items():
        assert answer.headers.get_list(name) == [value]


async def test_bodies_are_limited(edge: Edge, client: httpx.AsyncClient) -> None:
    async with upstream(edge.upstream):
        fits = await client.post("/api/v1/tasks", content=b"x" * MEBIBYTE)
        large = await client.post("/api/v1/tasks", content=b"x" * (MEBIBYTE + 1))
    assert fits.text == f"POST /api/v1/tasks {MEBIBYTE}"
    assert (large.status_code, large.headers["content-type"]) == (413, "application/problem+json")
    assert large.json()["code"] == "body_too_large"
    _has_security_headers(large)


async def test_files_pass_whatever_their_size(edge: Edge, client: httpx.AsyncClient) -> None:
    async with upstream(edge.upstream):
        for path in ("/api/v1/servers/box/files/content", "/api/v1/server/sessions/s-1/files/content"):
            answer = await client.put(path, content=b"x" * 3 * MEBIBYTE)
            assert answer.text == f"PUT {path} {3 * MEBIBYTE}"
        other = await client.put("/api/v1/servers/box/files", content=b"x" * 3 * MEBIBYTE)
        assert other.status_code == 413


async def test_a_hub_that_is_away_is_a_problem_document(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/tasks")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.json()["code"] == "hub_unavailable"
    _has_security_headers(answer)


@pytest.mark.parametrize("path", ["/ws/server", "/ws/dashboard", "/ws/exec"])
async def test_websockets_pass(edge: Edge, path: str) -> None:
    """Frame for frame, both ways, of either kind, and larger than any buffer on the way."""
    await listening(edge.https)
    frames = ['{"type":"ping"}', b"\x00\xff" * 8 * MEBIBYTE, "ü" * MEBIBYTE]
    address = f"wss://localhost:{edge.https}{path}"
    async with upstream(edge.upstream), connect(address, ssl=edge.trust, max_size=None, compression=None) as link:
        for frame in frames:
            await link.send(frame)
            assert await link.recv() == frame


def _has_security_headers(answer: httpx.Response) -> None:
    for name, begins in HEADERS.items():
        assert answer.headers[name].startswith(begins), name
    assert "." not in answer.headers.get("server", "")
