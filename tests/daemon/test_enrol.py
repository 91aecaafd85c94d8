"""Joining a hub: a real HTTP exchange on loopback."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from corral_daemon import enrol, settings
from corral_daemon.errors import ConfigError, EnrolError
from corral_daemon.settings import Settings
from corral_protocol.capabilities import Capabilities, SystemInfo
from corral_protocol.tokens import format_token

OLD = Settings(hub_url="http://old", api_key="orc_old", server_name="old")
WANTED = Settings(server_name="box", repos={"site": "/srv/site"}, max_concurrent=3)


class Door:
    """Answers one kind of request with what a test says, and keeps the bodies."""

    def __init__(self, status: int, body: str) -> None:
        self.status = status
        self.body = body
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.port = 0

    @property
    def token(self) -> str:
        return format_token(f"http://127.0.0.1:{self.port}", "s3cret")

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._reply(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(1)
        if first != b"P":  # a TLS greeting
            return
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.lower().splitlines()
        length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
        self.asked.append((head.splitlines()[0], json.loads(await reader.readexactly(length))))
        payload = self.body.encode()
        writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(payload)}\r\n".encode())
        writer.write(b"Connection: close\r\n\r\n" + payload)
        await writer.drain()


@asynccontextmanager
async def door(status: int, body: object) -> AsyncIterator[Door]:
    here = Door(status, body if isinstance(body, str) else json.dumps(body))
    server = await asyncio.start_server(here.answer, "127.0.0.1", 0)
    here.port = server.sockets[0].getsockname()[1]
    async with server:
        yield here


async def join(token: str, config: Path) -> enrol.Joined:
    return await enrol.join(
        token, config, WANTED, Capabilities(languages=("python",)), SystemInfo(cpu_count=2, agent_version="1")
    )


async def test_joining_keeps_the_key_and_says_what_the_published_agent_says(tmp_path: Path) -> None:
    config = tmp_path / "daemon.toml"
    async with door(201, {"api_key": "orc_new", "id": "s-1", "name": "box-2"}) as here:
        joined = await join(here.token, config)
        (line, body) = here.asked[0]
        assert line == "POST /api/v1/servers/register HTTP/1.1"
        assert set(body) == {
            "name", "hostname", "ip", "os", "repos", "system_info", "registration_token", "machine_id", "mac_address",
            "capabilities",
        }  # fmt: skip
        assert (body["name"], body["ip"], body["registration_token"]) == ("box", "0.0.0.0", here.token)
        assert body["repos"] == {"site": "/srv/site"}
        assert body["capabilities"]["languages"] == ["python"]
        kept = settings.load(config, {})
        assert (kept.api_key, kept.server_name, kept.hub_url) == ("orc_new", "box-2", f"http://127.0.0.1:{here.port}")
        assert (kept.max_concurrent, kept.repos) == (3, {"site": "/srv/site"})
        assert joined.server_id == "s-1"
        assert "orc_new" not in repr(joined)


@pytest.mark.parametrize(
    ("status", "body", "code", "message"),
    [
        (401, {"detail": "the token was used", "code": "token_used", "hint": "make one"}, "token_used", "was used"),
        (401, {"detail": "expired"}, "token_refused", "expired"),
        (401, "not json", "token_refused", "HTTP 401"),
        (500, "<html>", "join_refused", "HTTP 500"),
        (307, "", "join_refused", "HTTP 307"),
        (201, {"id": "s-1"}, "bad_answer", "no key"),
        (200, "[]", "bad_answer", "no key"),
    ],
)
async def test_a_refusal_keeps_the_old_key(tmp_path: Path, status: int, body: object, code: str, message: str) -> None:
    config = tmp_path / "daemon.toml"
    settings.save(config, OLD)
    async with door(status, body) as here:
        with pytest.raises(EnrolError) as caught:
            await join(here.token, config)
    assert caught.value.code == code
    assert message in str(caught.value)
    assert caught.value.hint
    assert settings.load(config, {}) == settings.parse(config.read_text(), "") == OLD
    assert "s3cret" not in str(caught.value)


async def test_an_unreachable_hub_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(EnrolError) as caught:
        await join(format_token(f"http://127.0.0.1:{port}", "s"), tmp_path / "c.toml")
    assert caught.value.code == "hub_unreachable"
    assert "still good" in caught.value.hint


async def test_a_hub_that_speaks_no_tls_is_named(tmp_path: Path) -> None:
    async with door(200, {}) as here:
        with pytest.raises(EnrolError) as caught:
            await join(format_token(f"https://127.0.0.1:{here.port}", "s"), tmp_path / "c.toml")
    assert caught.value.code == "hub_unreachable"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "nonsense://127.0.0.1:9"])
async def test_a_proxy_that_cannot_be_used_is_named(
    tmp_path: Path, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(name.lower(), proxy)
    with pytest.raises(EnrolError) as caught:
        await join(format_token("http://hub.invalid:8000", "s"), tmp_path / "c.toml")
    assert caught.value.code == "proxy_unusable"
    assert "still good" in caught.value.hint


@pytest.mark.parametrize("token", ["", "x", "orcreg_", "orcreg_!!.s", "orcreg_aGVsbG8.s"])
async def test_a_token_that_is_none_is_refused_before_anything_is_sent(tmp_path: Path, token: str) -> None:
    with pytest.raises(EnrolError) as caught:
        await join(token, tmp_path / "c.toml")
    assert caught.value.code == "bad_token"


async def test_a_token_is_not_used_up_where_the_key_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with door(201, {"api_key": "orc_new"}) as here:
        with pytest.raises(ConfigError) as caught:
            await join(here.token, tmp_path / "file" / "daemon.toml")
        assert not here.asked
    assert "still good" in caught.value.hint
