"""The nginx of deploy/nginx, moved to free ports and a temporary folder, and a small upstream to stand behind it."""

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PATIENCE = 20.0
"""Seconds until a process that should have come up is called dead."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One moved configuration. `folder` holds it, with its certificate for localhost. `second`: another hub's port."""

    folder: Path
    http: int
    https: int
    upstream: int
    second: int

    def command(self, *options: str, also: str = "") -> list[str]:
        """How to call nginx for this folder; `also` is more configuration."""
        # As root, nginx would give its workers to an account that may not enter pytest's folders.
        account = "user root;" if os.geteuid() == 0 else ""
        return [nginx(), "-p", f"{self.folder}/", "-c", "nginx.conf", "-e", "stderr", "-g", account + also, *options]

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "tls" / "fullchain.pem"))


def nginx() -> str:
    """Return the path of nginx. Skips the test where there is none."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
    return found or pytest.skip("nginx is not installed; `scripts/install-nginx` does it where it may")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def moved(folder: Path, hubs: int = 1) -> Edge:
    """Copy the configuration into `folder` with other ports, paths and upstream. What is replaced must be there."""
    edge = Edge(folder, free_port(), free_port(), free_port(), free_port())
    make_certificate("localhost", folder / "tls")
    _copy("nginx.conf", folder, {"/tmp/": f"{folder}/", "worker_processes auto": "worker_processes 1"})
    _copy("corral.conf", folder, {"listen 8080;": f"listen {edge.http};", "listen 8443 ": f"listen {edge.https} "})
    server = "    server hub:8000 max_fails=1 fail_timeout=1s;\n"
    ports = (edge.upstream, edge.second)[:hubs]
    _copy("upstream.conf", folder, {server: "".join(server.replace("hub:8000", f"127.0.0.1:{at}") for at in ports)})
    return edge


def make_certificate(name: str, folder: Path) -> None:
    subprocess.run([DEPLOY / "make-certificate", name, folder], check=True, capture_output=True)


def _copy(name: str, folder: Path, changes: dict[str, str]) -> None:
    text = (DEPLOY / "nginx" / name).read_text()
    for old, new in changes.items():
        assert old in text, f"{name} no longer holds {old!r}"
        text = text.replace(old, new)
    (folder / name).write_text(text)


@contextmanager
def running(edge: Edge) -> Iterator[None]:
    """nginx as a process of ours, in the foreground."""
    process = subprocess.Popen(edge.command(also="daemon off;"))
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


async def listening(port: int) -> None:
    """Return once something accepts connections on `port`."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                await writer.wait_closed()
                return


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application: HTTP answers with what arrived (`Say-X: y` as `X: y`), a WebSocket with every frame."""
    await {"http": _echo_http, "websocket": _echo_frames, "lifespan": _live}[scope["type"]](scope, receive, send)


async def _echo_http(scope: Any, receive: Any, send: Any) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    headers = [(b"seen-" + name, value) for name, value in scope["headers"]]
    headers += [(name[4:], value) for name, value in scope["headers"] if name.startswith(b"say-")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": f"{scope['method']} {scope['path']} {size}".encode()})


async def _echo_frames(_: Any, receive: Any, send: Any) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "websocket.send", "text": message.get("text"), "bytes": message.get("bytes")})


async def _live(_: Any, receive: Any, send: Any) -> None:
    while True:
        stage = (await receive())["type"]
        await send({"type": f"{stage}.complete"})
        if stage == "lifespan.shutdown":
            return


@asynccontextmanager
async def upstream(port: int) -> AsyncIterator[None]:
    """The echo on `port`, while the block runs."""
    config = uvicorn.Config(
        echo, host="127.0.0.1", port=port, log_config=None, ws="websockets-sansio", ws_max_size=2**25
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await listening(port)
        yield
    finally:
        server.should_exit = True
        await serving
