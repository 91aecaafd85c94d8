"""Who administered what: an entry for each thing, with who and from where, and a chain that shows what was changed."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sqlalchemy import text

from corral_hub.accounts.audit_routes import AuditPage
from corral_hub.audit import queries
from corral_hub.audit.log import act_as, note
from corral_hub.audit.model import GENESIS, Actor, Entry, chain, first_broken
from corral_hub.audit.retention import AuditRetention
from corral_hub.db.database import Database
from tests.api.test_bad_input import problem
from tests.hub_process import PASSWORD, HubProcess

WORKFLOW = {"name": "nightly", "definition": {"nodes": [], "edges": []}}


def entries(hub: HubProcess, **params: Any) -> list[dict[str, Any]]:
    found = hub._body(hub.ask("GET", "/audit", hub.admin, params=params))
    TypeAdapter(AuditPage).validate_python(found)
    return found["entries"]


def test_what_admins_do_is_written_down(shared_hub: HubProcess) -> None:
    hub, email = shared_hub, f"{secrets.token_hex(4)}@example.org"
    newest = entries(hub, limit=1)[0]["number"]
    hub.post("/users", hub.admin, {"email": email, "password": PASSWORD})
    hub._body(hub.ask("PATCH", f"/users/{email}", hub.admin, json={"role": "admin"}))
    hub.post(f"/users/{email}/link", hub.admin)
    project = hub.project()
    hub._body(hub.ask("PATCH", f"/projects/{project}", hub.admin, json={"status": "archived"}))
    _, machine = hub.machine()
    hub._body(hub.ask("PATCH", f"/servers/{machine}", hub.admin, json={"cordoned": True}))
    hub._body(hub.ask("DELETE", f"/servers/{machine}", hub.admin))
    made = hub.post("/keys", hub.admin, {"name": "ci"})
    hub._body(hub.ask("DELETE", f"/keys/{made['id']}", hub.admin))
    hub.post("/workflows", hub.admin, WORKFLOW)
    told = [entry for entry in entries(hub) if entry["number"] > newest][::-1]
    assert [entry["action"] for entry in told] == [
        "user.create", "user.change", "user.link", "project.create", "project.change", "token.create", "server.enrol",
        "server.change", "server.remove", "key.create", "key.revoke", "workflow.create",
    ]  # fmt: skip
    assert {entry["actor"] for entry in told} == {"user:admin@example.org", "machine"}
    assert {entry["address"] for entry in told} == {"127.0.0.1"}
    assert (told[1]["name"], told[1]["details"]) == (email, {"role": "admin", "password": False})
    for secret in (PASSWORD, made["key"]):
        assert secret not in str(told)


def test_a_new_name_is_told_beside_the_old_one(shared_hub: HubProcess) -> None:
    _, machine = shared_hub.machine()
    new = f"box-{secrets.token_hex(4)}"
    shared_hub._body(shared_hub.ask("PATCH", f"/servers/{machine}", shared_hub.admin, json={"name": new}))
    told = entries(shared_hub, action="server.change", limit=1)[0]
    assert (told["name"], told["details"]) == (machine, {"name": new})


def test_what_was_refused_is_not(shared_hub: HubProcess) -> None:
    before = entries(shared_hub, limit=1)
    shared_hub.ask("POST", "/users", shared_hub.admin, json={"email": "admin@example.org", "password": PASSWORD})
    shared_hub.ask("PATCH", "/servers/nowhere", shared_hub.admin, json={"cordoned": True})
    assert entries(shared_hub, limit=1) == before


def test_a_key_is_named(shared_hub: HubProcess) -> None:
    name = f"key {secrets.token_hex(4)}"
    made = shared_hub.post("/keys", shared_hub.admin, {"name": name, "role": "admin"})
    shared_hub.post("/projects", {"Authorization": f"Bearer {made['key']}"}, {"name": secrets.token_hex(8)})
    assert entries(shared_hub, action="project.create", limit=1)[0]["via"] == name


def test_looking_for_something(shared_hub: HubProcess) -> None:
    project = shared_hub.project()
    shared_hub._body(shared_hub.ask("PATCH", f"/projects/{project}", shared_hub.admin, json={"status": "archived"}))
    assert [entry["action"] for entry in entries(shared_hub, target=project)] == ["project.change", "project.create"]
    assert entries(shared_hub, target=project, action="project.create")[0]["target"] == project
    assert {entry["action"].split(".")[0] for entry in entries(shared_hub, action="project")} == {"project"}
    assert entries(shared_hub, actor="user:nobody") == [] == entries(shared_hub, action="pro")
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert entries(shared_hub, since=soon) == [] and entries(shared_hub, until=soon)
    first = entries(shared_hub, limit=3)
    assert entries(shared_hub, limit=2, before=first[0]["number"]) == first[1:]


def test_it_is_for_admins(shared_hub: HubProcess) -> None:
    for path in ("/audit", "/audit/verify", "/keys"):
        problem(shared_hub.ask("GET", path, shared_hub.viewer()), 403, "role_required")
    assert shared_hub.get("/audit/verify", shared_hub.admin)["intact"]


async def filled(database: Database, count: int) -> None:
    act_as(Actor(who="user:a@example.org", address="10.0.0.1"))
    for number in range(count):
        async with database.begin() as tx:
            await note(tx, "thing.done", number, f"thing\x00 {number}", size=number, words=["ü", None, 1.5])


@pytest.mark.parametrize("change", ["actor = 'user:other'", "details = '{}'", "at = at + interval '1 s'", "name = ''"])
async def test_what_was_changed_is_found(database: Database, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "AT_ONCE", 3)
    await filled(database, 9)
    async with database.begin() as tx:
        assert await queries.verify(tx) == (9, None)
        await tx.execute(text(f"update audit set {change} where number = 6"))
        assert await queries.verify(tx) == (5, 6)


async def test_what_was_taken_out_is_found(database: Database) -> None:
    await filled(database, 5)
    async with database.begin() as tx:
        await tx.execute(text("delete from audit where number = 3"))
        assert await queries.verify(tx) == (2, 4)


async def test_what_fails_leaves_no_entry(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.begin() as tx:
            await note(tx, "thing.done", 1)
            raise ZeroDivisionError
    async with database.read() as connection:
        assert await queries.verify(connection) == (0, None)


async def test_what_is_old_goes_but_not_the_end_of_the_chain(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(database, 4)
    retention = AuditRetention(database, days=30)
    assert await retention.sweep() == 0
    later = datetime.now(UTC) + timedelta(days=31)
    monkeypatch.setattr("corral_hub.clock.now", lambda: later)
    assert await retention.sweep() == 3
    await filled(database, 2)
    async with database.read() as connection:
        assert await queries.verify(connection) == (3, None)


ENTRIES = st.builds(
    Entry, at=st.datetimes().map(lambda moment: moment.replace(tzinfo=UTC)), actor=st.builds(Actor, who=st.text()),
    action=st.text(), target=st.text(), name=st.text(), details=st.dictionaries(st.text(), st.integers() | st.text()),
)  # fmt: skip


@given(st.lists(ENTRIES, min_size=2, max_size=6), st.data())
def test_the_chain_holds_and_breaks(listed: list[Entry], data: st.DataObject) -> None:
    kept: list[tuple[int, Entry, bytes]] = []
    before = GENESIS
    for number, entry in enumerate(listed):
        before = chain(before, entry)
        kept.append((number, entry, before))
    assert first_broken(GENESIS, kept) == (None, before)
    at = data.draw(st.integers(0, len(kept) - 2))
    without: list[tuple[int, Entry, bytes]] = kept[:at] + kept[at + 1 :]
    assert first_broken(GENESIS, without)[0] == kept[at + 1][0]


def test_no_detail_is_long() -> None:
    from corral_hub.audit.model import bounded

    details: Mapping[str, Any] = {"a": "x" * 10_000, "b": {"c": ["y"] * 10_000}, "d": list(range(100)), "e": "\ud800"}
    assert len(str(bounded(details))) < 2000
