"""What stands in for the published agent and CLI asks as they do themselves."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from corral_protocol.tokens import format_token
from tests.interop.published import NEEDS_A_COPY, Published, home
from tests.interop.recorded import Agent, Cli

pytestmark = NEEDS_A_COPY

ID, OTHER, PROJECT = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")
SESSION = "sess-real"
CONTENT = {"tasks": [], "servers": [], "sessions": [], "count": 0, "id": ID, "api_key": "orc_key"}
MADE = {
    "title": "T",
    "spec": "S",
    "priority": "normal",
    "type": "feature",
    "session_id": SESSION,
    "project_id": PROJECT,
}
EDGE = {"depends_on_task_id": OTHER, "dependency_type": "input", "contract_key": "api"}

ASKED: tuple[tuple[tuple[str, ...], str, str, Mapping[str, Any] | None], ...] = (
    (("task", "create", "--title", "T", "--spec", "S"), "POST", "/tasks", MADE),
    (("task", "check"), "GET", f"/tasks/check?session_id={SESSION}", None),
    (("task", "view", ID), "GET", f"/tasks/{ID}", None),
    (("task", "list", "--status", "done"), "GET", f"/tasks?status=done&project_id={PROJECT}", None),
    (("task", "start", ID), "POST", f"/tasks/{ID}/start", None),
    (("task", "complete", ID, "--result", '{"summary": "s"}'), "POST", f"/tasks/{ID}/complete",
     {"result": {"summary": "s"}}),
    (("task", "complete", ID, "--result", "done"), "POST", f"/tasks/{ID}/complete", {"result": "done"}),
    (("task", "fail", ID, "--error", "boom"), "POST", f"/tasks/{ID}/fail", {"error": "boom"}),
    (("task", "help", ID, "--question", "Which?"), "POST", f"/tasks/{ID}/help",
     {"question": "Which?", "intervention_type": "help"}),
    (("task", "plan", ID, "--plan", "first"), "POST", f"/tasks/{ID}/plan", {"plan": {"summary": "first"}}),
    (("task", "note", ID, "--content", "n"), "POST", f"/tasks/{ID}/notes", {"content": "n", "urgent": False}),
    (("task", "notes", ID), "GET", f"/tasks/{ID}/notes", None),
    (("task", "assign", ID, "--session", "box", "--require-plan"), "POST", f"/tasks/{ID}/assign",
     {"session_name": "box", "require_plan": True}),
    (("task", "update", ID, "--title", "N"), "PUT", f"/tasks/{ID}", {"title": "N"}),
    (("task", "cancel", ID), "DELETE", f"/tasks/{ID}", None),
    (("task", "deps", "add", ID, "--depends-on", OTHER, "--type", "input", "--contract-key", "api"), "POST",
     f"/tasks/{ID}/dependencies", EDGE),
    (("task", "deps", "remove", ID, "--depends-on", OTHER), "DELETE", f"/tasks/{ID}/dependencies/{OTHER}", None),
    (("server", "list"), "GET", "/servers", None),
    (("session", "list"), "GET", f"/sessions?project_id={PROJECT}", None),
    (("intervention", "list", "--status", "pending"), "GET", "/interventions?status=pending", None),
    (("intervention", "respond", ID, "--response", "r"), "POST", f"/interventions/{ID}/respond", {"response": "r"}),
    (("status",), "GET", f"/status?session_id={SESSION}", None),
    (("remote", "read", "box", "/f"), "POST", f"/remote/exec?project_id={PROJECT}",
     {"session_name": "box", "command": "cat /f", "timeout": 30}),
    (("code", "health"), "GET", f"/architecture/health/{PROJECT}", None),
)  # fmt: skip


@dataclass
class Ear:
    """A server that answers everybody the same, and remembers what it was asked."""

    port: int = 0
    heard: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def handler(self) -> type[BaseHTTPRequestHandler]:
        heard = self.heard

        class Listening(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name: value for name, value in self.headers.items() if name != "User-Agent"}
                heard.append((self.command, self.path, headers, body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(CONTENT).encode())

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Listening


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear()
    with ThreadingHTTPServer(("127.0.0.1", 0), made.handler()) as server:
        made.port = server.server_port
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


def shape(value: Any) -> Any:
    """Return the JSON with every value replaced by its kind."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return type(value).__name__


def test_it_enrols_as_the_agent_does(ear: Ear) -> None:
    token = format_token(ear.url, "secret")
    with home() as folder:
        done = Published(folder).run("main", "--register", token)
        assert done.returncode == 0, done.stdout + done.stderr
    assert Agent(ear.url, "some-host").register(token).is_success
    (method, path, headers, real), (our_method, our_path, our_headers, ours) = ear.heard
    assert (method, path, headers["Content-Type"]) == (our_method, our_path, our_headers["Content-Type"])
    assert "X-API-Key" not in headers
    real, ours = json.loads(real), json.loads(ours)
    assert shape({**real, "repos": {}}) == shape({**ours, "repos": {}})
    assert real["registration_token"] == ours["registration_token"] == token


def test_it_asks_as_the_cli_does(ear: Ear) -> None:
    """Byte for byte, but for the browser it claims to be."""
    variables = {"HUB_URL": ear.url, "API_KEY": "orc_key", "PROJECT_ID": PROJECT, "SESSION_ID": SESSION}
    stand_in = Cli(ear.url, "orc_key", session_id=SESSION, project_id=PROJECT)
    with home() as folder:
        published = Published(folder, {f"ORCHESTRATIA_{name}": value for name, value in variables.items()})
        for words, method, path, data in ASKED:
            published.json(*words)
            stand_in(method, path, dict(data) if data else None)
            real, ours = ear.heard[-2:]
            assert real == ours, " ".join(words)
    assert len(ear.heard) == 2 * len(ASKED)
