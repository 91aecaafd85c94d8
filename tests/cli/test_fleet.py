"""Machines, registration tokens and projects."""

from corral_protocol.tokens import format_token
from tests.cli.conftest import Corral
from tests.cli.hub import FakeHub

ANY_ID = "3f2a0000-0000-4000-8000-000000000000"


def test_servers(person: Corral, hub: FakeHub) -> None:
    server = {
        "id": ANY_ID, "name": "atlas", "hostname": "h", "os": "Linux", "status": "online", "draining": True,
        "slots": {"used": 1, "max": 4}, "repos": {"shop": "/r"}, "capabilities": {"agents": [{"name": "echo"}]},
    }  # fmt: skip
    hub.answers["GET /api/v1/servers"] = {"servers": [server]}
    for route in (
        "POST /api/v1/servers/atlas/drain",
        "POST /api/v1/servers/atlas/resume",
        "PATCH /api/v1/servers/atlas",
        "DELETE /api/v1/servers/atlas",
    ):
        hub.answers[route] = server
    row = person("server", "list").out.splitlines()[1]
    assert "online draining" in row and "1/4" in row and "shop" in row and "echo" in row
    assert person("server", "drain", "atlas").code == person("server", "resume", "atlas").code == 0
    assert person("server", "cordon", "atlas").code == 0
    assert hub.requests[-1].body == {"cordoned": True}
    refused = person("server", "remove", "atlas")
    assert refused.code == 2 and "--yes" in refused.err
    assert person("server", "rm", "atlas", "--yes").code == 0


def test_a_token_line_is_alone_on_stdout(person: Corral, hub: FakeHub) -> None:
    made = {
        "id": "t1",
        "token": "orcreg_x.y",
        "command": "corral join orcreg_x.y",
        "expires_at": "2999-01-01T00:00:00Z",
    }
    hub.answers["POST /api/v1/servers/tokens"] = made
    assert person("token", "create", "--expires-in", "5m").out == "corral join orcreg_x.y\n"
    assert hub.requests[-1].body == {"expires_in": 300}
    assert person("server", "token", "create", "-q").out == "orcreg_x.y\n"


def test_an_address_that_others_cannot_reach_is_said(person: Corral, hub: FakeHub) -> None:
    for url, private in (("http://127.0.0.1:8000", True), ("https://hub.example.org", False)):
        token = format_token(url, "secret")
        command = f"corral join {token}"
        hub.answers["POST /api/v1/servers/tokens"] = {"id": "t1", "token": token, "command": command}
        told = person("token", "create")
        assert told.out == f"{command}\n"
        assert ("--host 0.0.0.0" in told.err) is private


def test_project_names_are_looked_up(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/projects"] = {"projects": [{"id": ANY_ID, "name": "shop"}]}
    hub.answers["GET /api/v1/tasks"] = {"tasks": [], "next_cursor": None}
    assert person("task", "list", "--project", "shop").code == 0
    assert hub.requests[-1].query["project_id"] == ANY_ID
    told = person("task", "list", "--project", "shoe")
    assert told.code == 3 and "Projects here: shop" in told.err


def test_project_settings_are_changed_without_losing_the_others(person: Corral, hub: FakeHub) -> None:
    found = {
        "id": ANY_ID,
        "name": "shop",
        "settings": {"require_plan_approval": True, "retry": {"max_attempts": 1, "backoff": 2}},
    }
    hub.answers["GET /api/v1/projects"] = {"projects": [found]}
    hub.answers[f"GET /api/v1/projects/{ANY_ID}"] = found
    hub.answers[f"PATCH /api/v1/projects/{ANY_ID}"] = found
    assert person("project", "set", "shop", "--max-attempts", "3").code == 0
    assert hub.requests[-1].body == {
        "settings": {"require_plan_approval": True, "retry": {"max_attempts": 3, "backoff": 2}}
    }
