"""A hub on a real loopback socket that answers what a test tells it to, and remembers what it was asked."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(status: int, code: str, detail: str, hint: str = "", **extras: Any) -> Answer:
    body = {"type": f"urn:corral:problem:{code}", "title": code, "status": status, "detail": detail, "code": code}
    return Answer(status, {**body, "hint": hint, **extras}, {"Content-Type": "application/problem+json"})


Reply = Any | Answer | Callable[[Request], Any]


class FakeHub:
    """`answers["GET /api/v1/me"] = {…}`: a body (200), an Answer, or a function of the request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, Reply] = {}
        self.requests: list[Request] = []
        self.dashboard: Callable[[socket.socket, BaseHTTPRequestHandler], None] | None = None
        """Takes over a connection that asks for the dashboard's socket."""

    def asked(self, route: str) -> list[Request]:
        return [request for request in self.requests if f"{request.method} {request.path}" == route]

    def reply(self, request: Request) -> Answer:
        self.requests.append(request)
        found = self.answers.get(f"{request.method} {request.path}")
        if found is None:
            return problem(404, "not_found", f"no answer prepared for {request.method} {request.path}")
        body = found(request) if callable(found) else found
        return body if isinstance(body, Answer) else Answer(200, body)


def read_request(handler: BaseHTTPRequestHandler) -> Request:
    raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
    parts = urlsplit(handler.path)
    headers = {name.lower(): value for name, value in handler.headers.items()}
    is_json = "json" in headers.get("content-type", "") and raw
    body = json.loads(raw) if is_json else raw or None
    return Request(handler.command, parts.path, dict(parse_qsl(parts.query)), headers, body)


@contextmanager
def serve() -> Iterator[FakeHub]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        hub: ClassVar[FakeHub]

        def handle_any(self) -> None:
            if self.path == "/ws/dashboard" and self.hub.dashboard:
                self.close_connection = True
                self.hub.dashboard(self.connection, self)
                return
            self.answer(self.hub.reply(read_request(self)))

        def answer(self, answer: Answer) -> None:
            data = answer.body.encode() if isinstance(answer.body, str) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, format: str, *args: object) -> None:
            """Tests need no access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Handler.hub = FakeHub(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Handler.hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
