"""Who came in, who tried to, and who edited what: in the audit log, and never so often that it is full of it."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from corral_hub.accounts.flood import MOST, WINDOW, Flood, is_told
from corral_hub.workflows.editing import LONGEST, PAUSE, Editing
from tests.api.test_audit import entries
from tests.hub_process import PASSWORD, HubProcess

AT = datetime(2026, 11, 26, tzinfo=UTC)
SECONDS = st.integers(0, 3 * 3600).map(lambda seconds: timedelta(seconds=seconds))


def somebody(hub: HubProcess) -> str:
    email = f"{secrets.token_hex(4)}@example.org"
    hub.post("/users", hub.admin, {"email": email, "password": PASSWORD, "role": "viewer"})
    return email


def log_in(hub: HubProcess, **form: str) -> int:
    return hub.ask("POST", "/login", data=form).status_code


def told(hub: HubProcess, action: str) -> dict[str, Any]:
    return entries(hub, action=action, limit=1)[0]


def test_who_logs_in_and_who_cannot(hub: HubProcess) -> None:
    email = somebody(hub)
    assert log_in(hub, username=email, password="not the password") == 401
    failed = told(hub, "login.fail")
    assert (failed["actor"], failed["address"], failed["name"]) == ("nobody", "127.0.0.1", email)
    assert failed["details"] == {"how": "password", "count": 1, "blocked": 0} and failed["target"]
    assert log_in(hub, username=email, password=PASSWORD) == 200
    entered = told(hub, "login.succeed")
    assert (entered["actor"], entered["address"], entered["target"]) == (f"user:{email}", "127.0.0.1", failed["target"])
    assert (entered["name"], entered["details"]) == (email, {"how": "password", "count": 1})
    link = hub.post(f"/users/{email}/link", hub.admin)["url"].partition("#once=")[2]
    assert [log_in(hub, once=link) for _ in range(2)] == [200, 401]
    assert told(hub, "login.succeed")["details"]["how"] == told(hub, "login.fail")["details"]["how"] == "link"
    assert log_in(hub, username="correct horse battery", password="in the wrong field") == 401
    assert told(hub, "login.fail")["name"] == "", "what is no address may be a password"
    for word in ("not the password", PASSWORD, link, "wrong field"):
        assert word not in str(entries(hub))
    assert hub.get("/audit/verify", hub.admin)["intact"]


def test_a_flood_of_failures_is_a_few_entries(hub: HubProcess) -> None:
    for number in range(12):
        assert log_in(hub, username=f"a{number}@example.org", password="not the password") == 401
    counts = [entry["details"]["count"] for entry in entries(hub, action="login.fail")]
    assert counts == [10, 5, 4, 3, 2, 1]


def test_a_key_is_seen_once_a_day(hub: HubProcess) -> None:
    made = hub.post("/keys", hub.admin, {"name": "ci"})
    for _ in range(3):
        hub.get("/me", {"Authorization": f"Bearer {made['key']}"})
    (used,) = entries(hub, action="key.use")
    assert (used["via"], used["name"], used["target"], used["address"]) == ("ci", "ci", made["id"], "127.0.0.1")


def test_a_session_of_editing_is_one_entry(hub: HubProcess) -> None:
    id = hub.post("/workflows", hub.admin, {"name": "edited"})["id"]
    for n in range(4):
        body = {"definition": {"nodes": [], "edges": [], "description": f"{n}"}}
        hub._body(hub.ask("PATCH", f"/workflows/{id}", hub.admin, json=body))
    (edited,) = entries(hub, action="workflow.change")
    assert (edited["target"], edited["name"], edited["actor"]) == (str(id), "edited", "user:admin@example.org")
    hub._body(hub.ask("PATCH", f"/workflows/{id}", hub.admin, json={"name": "renamed"}))
    assert told(hub, "workflow.change")["details"] == {"name": "renamed"}
    body = {"definition": {"nodes": [], "edges": []}, "if_unchanged_since": "2020-01-01T00:00:00Z"}
    assert hub.ask("PATCH", f"/workflows/{id}", hub.admin, json=body).status_code == 409
    assert len(entries(hub, action="workflow.change")) == 2


@given(st.lists(st.tuples(st.integers(0, MOST + 20), SECONDS), max_size=40), st.integers(0, 3000))
def test_a_flood_is_bounded_in_memory_and_in_entries(some: list[tuple[int, timedelta]], more: int) -> None:
    flood = Flood()
    for place in range(MOST + 20):
        flood.count(f"{place}", AT)
    written = [count for _ in range(more) if (count := flood.count("x", AT)) is not None]
    assert len(written) <= 5 + len(str(more)) and all(map(is_told, written))
    for place, later in some:
        flood.count(f"{place}", AT + later)
    assert len(flood._seen) <= MOST + 1
    assert flood.count("new", AT + 10 * WINDOW) == 1


@given(st.lists(SECONDS, min_size=1, max_size=20))
def test_editing_is_one_thing_until_a_pause_or_an_hour(gaps: list[timedelta]) -> None:
    editing, now, began = Editing(), AT, AT
    editing.saved("ada", 1, now)
    for gap in gaps:
        now += gap
        fresh = gap > PAUSE or now - began > LONGEST
        assert editing.begins("ada", 1, now) is fresh
        assert editing.begins("bob", 1, now) and editing.begins("ada", 2, now)
        began = now if fresh else began
        editing.saved("ada", 1, now)
