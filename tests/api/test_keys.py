"""API keys of people: what they open, what they do not, and that they end."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from corral_hub.accounts.key_routes import KeyList, NewKey
from tests.api.test_bad_input import problem
from tests.hub_process import PASSWORD, HubProcess


def key(hub: HubProcess, **body: Any) -> dict[str, Any]:
    made = hub.post("/keys", hub.admin, {"name": "ci", **body})
    TypeAdapter(NewKey).validate_python(made)
    return made


def bearer(made: Mapping[str, Any]) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {made['key']}"}


def listed(hub: HubProcess, id: str) -> Any:
    found = hub.get("/keys", hub.admin)
    TypeAdapter(KeyList).validate_python(found)
    return next(item for item in found["keys"] if item["id"] == id)


def test_a_key_does_what_its_role_allows(shared_hub: HubProcess) -> None:
    reads, writes = key(shared_hub), key(shared_hub, role="admin")
    assert shared_hub.get("/me", bearer(reads))["role"] == "viewer"
    problem(shared_hub.ask("POST", "/tasks", bearer(reads), json={"title": "x"}), 403, "role_required")
    assert shared_hub.ask("POST", "/tasks", bearer(writes), json={"title": "x"}).status_code == 201


def test_it_is_shown_once_and_known_by_how_it_begins(shared_hub: HubProcess) -> None:
    made = key(shared_hub)
    shown = listed(shared_hub, made["id"])
    assert made["key"].startswith(shown["prefix"]) and made["key"] not in str(shared_hub.get("/keys", shared_hub.admin))
    assert "key" not in shown and shown["used_on"] is None
    shared_hub.get("/me", bearer(made))
    assert listed(shared_hub, made["id"])["used_on"] == datetime.now(UTC).date().isoformat()
    assert made["key"] not in shared_hub.log


def test_what_was_revoked_opens_nothing(shared_hub: HubProcess) -> None:
    made = key(shared_hub, name="to be revoked")
    shared_hub.get("/me", bearer(made))
    ended = shared_hub._body(shared_hub.ask("DELETE", f"/keys/{made['id'][:8]}", shared_hub.admin))
    assert ended["revoked_at"]
    problem(shared_hub.ask("GET", "/me", bearer(made)), 401, "bad_api_key")
    problem(shared_hub.ask("DELETE", f"/keys/{made['id']}", shared_hub.admin), 409, "key_revoked")
    problem(shared_hub.ask("DELETE", "/keys/nobody-has-it", shared_hub.admin), 404, "key_not_found")


def test_what_has_expired_opens_nothing(shared_hub: HubProcess) -> None:
    problem(shared_hub.ask("GET", "/me", bearer(key(shared_hub, expires_in=1e-6))), 401, "bad_api_key")


def test_a_key_makes_no_more_of_itself(shared_hub: HubProcess) -> None:
    admin = bearer(key(shared_hub, role="admin"))
    me = shared_hub.get("/me", admin)
    problem(shared_hub.ask("POST", "/keys", admin, json={"name": "more"}), 403, "login_needed")
    problem(shared_hub.ask("POST", f"/users/{me['id']}/link", admin), 403, "login_needed")


def test_it_is_no_key_of_a_machine(shared_hub: HubProcess) -> None:
    made = key(shared_hub, role="admin")
    problem(shared_hub.ask("GET", "/server/tasks", {"X-API-Key": made["key"]}), 401)
    problem(shared_hub.ask("GET", "/server/tasks", bearer(made)), 401)


def test_it_may_no_more_than_its_owner(shared_hub: HubProcess) -> None:
    email = "was-admin@example.org"
    shared_hub.post("/users", shared_hub.admin, {"email": email, "password": PASSWORD, "role": "admin"})
    made = shared_hub.post("/keys", shared_hub.login(email), {"name": "theirs", "role": "admin"})
    assert shared_hub.get("/me", bearer(made))["role"] == "admin"
    shared_hub._body(shared_hub.ask("PATCH", f"/users/{email}", shared_hub.admin, json={"role": "viewer"}))
    assert shared_hub.get("/me", bearer(made))["role"] == "viewer"


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "a\nb"}, {"name": "x", "role": "root"},
                                  {"name": "x", "expires_in": 0}])  # fmt: skip
def test_what_is_no_key(shared_hub: HubProcess, body: Mapping[str, Any]) -> None:
    problem(shared_hub.ask("POST", "/keys", shared_hub.admin, json=body), 422)
