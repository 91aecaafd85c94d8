"""The published agent v0.20.0 and its CLI as they are seen on the wire: their headers, fields, bodies and tolerance."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.message import Message
from typing import Any
from urllib import error, request

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.tls import TLS

PATIENCE = 30.0
AUTH_PATIENCE = 5.0  # the agent's own: a hub that is slower is given up on
Json = dict[str, Any]

SYSTEM_INFO: Json = {
    "cpu_count": 2, "cpu_percent": 12.5, "memory_total_gb": 3.8, "memory_used_gb": 1.2, "memory_percent": 31.6,
    "disk_total_gb": 40.0, "disk_used_gb": 11.0, "disk_percent": 27.5, "platform": "Linux",
    "platform_release": "6.1.0", "python_version": "3.11.2", "uptime_seconds": 1790000000, "os_username": "nobody",
    "agent_version": "0.20.0",
}  # fmt: skip

DIFF_STATS: Json = {
    "files_changed": 1, "insertions": 2, "deletions": 0, "files": [{"path": "a.py", "insertions": 2, "deletions": 0}],
    "head_commit": "3f2a9c1", "base_commit": None, "binary_files": [],
}  # fmt: skip
"""Sent with every completion from inside a git repository that has two commits."""


class Failed(Exception):
    """What the CLI prints before it exits with 1: the status and the body's `detail`."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"HTTP {status}: {detail}")
        self.status = status
        self.detail = detail


class _NoRedirect(request.HTTPRedirectHandler):
    def redirect_request(
        self, req: request.Request, fp: Any, code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """A redirect is an error: the agent's HTTP client does not follow any."""


class Cli:
    """`Cli(url, key, session_id)("POST", "/tasks", {...})`: the JSON of the answer, below /api/v1/server."""

    def __init__(self, url: str, key: str, session_id: str = "", project_id: str = "") -> None:
        self._url = url
        self._key = key
        self.session_id = session_id
        self.project_id = project_id
        self._opener = request.build_opener(request.ProxyHandler({}), _NoRedirect)

    def __call__(self, method: str, path: str, data: Json | None = None) -> Any:
        body = json.dumps(data).encode() if data else None
        headers = {"X-API-Key": self._key, "Content-Type": "application/json"}
        asked = request.Request(f"{self._url}/api/v1/server{path}", data=body, headers=headers, method=method)
        try:
            with self._opener.open(asked, timeout=PATIENCE) as answer:
                return json.loads(answer.read())
        except error.HTTPError as refused:
            with refused:
                raise Failed(refused.code, json.loads(refused.read())["detail"]) from None

    def resolve(self, prefix: str) -> str:
        """Return the id that begins so, out of one listing, as the CLI does it."""
        if len(prefix) == 36 and prefix.count("-") == 4:
            return prefix
        (found,) = [task["id"] for task in self("GET", "/tasks")["tasks"] if task["id"].startswith(prefix)]
        return str(found)

    def create(self, title: str, **more: Any) -> Json:
        data = {"title": title, "spec": "do it", "priority": "normal", "type": "feature"}
        ours = {"session_id": self.session_id, "project_id": self.project_id}
        return self("POST", "/tasks", {**data, **{name: value for name, value in ours.items() if value}, **more})


class Agent:
    """The daemon's side: enrolment, heartbeat, polls, and the WebSocket."""

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.name = name
        self.key = ""
        self.id = ""

    def register(self, token: str) -> httpx.Response:
        body = {
            "name": self.name, "hostname": "some-host", "ip": "0.0.0.0", "os": "linux", "repos": {"web": "/srv/web"},
            "system_info": SYSTEM_INFO, "registration_token": token, "machine_id": "9f" * 16,
            "mac_address": "02:42:ac:11:00:02",
        }  # fmt: skip
        url = f"{self.url}/api/v1/servers/register"
        answer = httpx.post(url, json=body, trust_env=False, timeout=PATIENCE, verify=TLS)
        if answer.is_success:
            self.key, self.id = answer.json()["api_key"], answer.json()["id"]
        return answer

    def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        arguments = {} if body is None else {"json": body}
        headers = {"X-API-Key": self.key}
        url = f"{self.url}/api/v1{path}"
        return httpx.request(method, url, headers=headers, trust_env=False, timeout=PATIENCE, verify=TLS, **arguments)

    @asynccontextmanager
    async def socket(self, key: str | None = None) -> AsyncIterator["Socket"]:
        """Connect and send the first frame; the answer is the first that `Socket.next` returns."""
        address = f"{self.url.replace('http://', 'ws://')}/ws/server"
        async with connect(address, proxy=None, ping_interval=30, ping_timeout=10, max_size=2**20) as connection:
            await connection.send(json.dumps({"type": "auth", "api_key": self.key if key is None else key}))
            yield Socket(connection)


class Socket:
    """One connection. Every frame the hub sends is held to what the agent can bear."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.seen: list[Mapping[str, Any]] = []

    async def next(self) -> Mapping[str, Any]:
        text = await asyncio.wait_for(self.connection.recv(), PATIENCE)
        assert isinstance(text, str), "the agent reads text frames only"
        assert len(text.encode()) <= 2**20, "the agent closes on a frame beyond 1 MiB"
        frame = json.loads(text)
        assert isinstance(frame, dict), "the agent reads objects"
        assert None not in frame.values(), "null ends the agent's receive loop"
        self.seen.append(frame)
        return frame

    async def until(self, kind: str) -> Mapping[str, Any]:
        while True:
            frame = await self.next()
            if frame["type"] == kind:
                return frame

    async def send(self, **frame: Any) -> None:
        await self.connection.send(json.dumps(frame))

    async def settle(self) -> list[Mapping[str, Any]]:
        """Return what came until the hub answered a frame sent now: it handles frames in order."""
        before = len(self.seen)
        await self.connection.send("no json")
        await self.until("error")
        return self.seen[before:-1]
