"""inbox, key, audit, dashboard: what people read, and that secrets and hostile texts go where they should."""

import json
import shlex
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_cli.commands.inbox import COMMANDS
from corral_cli.standing import Turn, applied, changes
from tests.cli.conftest import Corral
from tests.cli.desk import sitting
from tests.cli.everything import commands
from tests.cli.hub import FakeHub, problem
from tests.cli.test_following import one_after_another

ID = "3f2a0000-0000-4000-8000-000000000000"
ITEM = {
    "key": f"failed:{ID}", "kind": "failed", "id": ID, "title": "Paint\x1b[2J it", "since": "2026-01-01T00:00:00Z",
    "why": {"code": "failed", "detail": "no paint"}, "task_id": ID, "run_id": None, "node": None, "actions": [],
}  # fmt: skip
KEY = {"id": ID, "name": "ci", "owner": "a@example.org", "prefix": "crl_abcdefgh", "role": "viewer", "expires_at": None,
       "used_on": "2026-01-02", "revoked_at": None}  # fmt: skip
ENTRY = {"number": 7, "at": "2026-01-01T00:00:00Z", "actor": "user:a@example.org", "via": "ci", "address": "10.0.0.1",
         "action": "user.create", "target": ID, "name": "b@example.org", "details": {"role": "admin"}}  # fmt: skip


def test_the_inbox_says_why_and_what_next(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/inbox"] = {"items": [ITEM], "counts": {"failed": 3}, "total": 3, "next_cursor": "x"}
    told = person("inbox")
    line = told.out.splitlines()[1]
    assert "no paint" in line and "corral task retry 3f2a0000" in line and "\x1b" not in line
    assert "2 more" in told.err
    hub.answers["GET /api/v1/inbox"] = {"items": [], "counts": {}, "total": 0, "next_cursor": None}
    assert person("inbox").err == "Nothing needs you.\n"


def test_a_watched_inbox_tells_what_comes_and_goes(person: Corral, hub: FakeHub) -> None:
    other = {**ITEM, "key": "host_lost:x", "kind": "host_lost", "title": "box", "why": {"detail": "no word"}}
    pages = [[], [ITEM], [ITEM], [other, {**ITEM, "why": {"detail": "no brush"}}], [other]]
    hub.answers["GET /api/v1/inbox"] = one_after_another(*map(inbox_of, pages), problem(403, "role_required", "stop"))
    told = person("inbox", "--watch")
    assert told.code != 0 and "Nothing needs you yet." in told.err
    assert [" ".join(line.split()) for line in told.out.splitlines()] == [
        "+ failed Paint\\x1b[2J it no paint corral task retry 3f2a0000",
        "+ failed Paint\\x1b[2J it no brush corral task retry 3f2a0000",
        "+ host lost box no word corral server show box",
        "- failed Paint\\x1b[2J it no brush corral task retry 3f2a0000",
    ]
    hub.answers["GET /api/v1/inbox"] = one_after_another(inbox_of([ITEM]), inbox_of([]), problem(403, "x", "stop"))
    lines = [json.loads(line) for line in person("inbox", "--watch", "--json").out.splitlines()[:2]]
    assert lines == [{"event": "came", "item": ITEM}, {"event": "left", "item": ITEM}]


def inbox_of(items: list[Any]) -> dict[str, Any]:
    return {"items": items, "counts": {}, "total": len(items), "next_cursor": None}


ITEMS = st.lists(
    st.fixed_dictionaries({"key": st.sampled_from("abcdef"), "since": st.integers(0, 9).map(str), "n": st.booleans()}),
    unique_by=lambda item: item["key"],
).map(lambda items: sorted(items, key=lambda item: item["since"], reverse=True))


@given(st.lists(ITEMS, max_size=6), st.integers(1, 6))
def test_changes_lead_from_one_reading_to_the_next(inboxes: list[list[Any]], limit: int) -> None:
    """Whatever a page shows is known as it is; what it has no room for is not said to have left."""
    known: dict[str, Any] = {}
    for items in inboxes:
        page, whole = items[:limit], len(items) <= limit
        found = changes(known, page, whole=whole)
        left = {change.item["key"] for change in found if change.turn is Turn.LEFT}
        known = applied(known, found)
        assert {item["key"]: item for item in page}.items() <= known.items()
        assert not whole or known.keys() == {item["key"] for item in items}
        assert not left & {item["key"] for item in page}
        assert changes(known, page, whole=whole) == []


def test_on_a_terminal_the_list_is_drawn_anew_and_fits(hub: FakeHub, tmp_path: Path) -> None:
    many = [{**ITEM, "key": f"failed:{n}", "title": f"task-{n}"} for n in range(60)]
    hub.answers["GET /api/v1/inbox"] = one_after_another(inbox_of(many), inbox_of([ITEM]), inbox_of([]))
    with sitting("inbox", "--watch", CORRAL_HUB_URL=hub.url, CORRAL_TOKEN="jwt", HOME=str(tmp_path)) as desk:
        screen = b"".join(desk.sees(words) for words in (b"task-0", b"more", b"Paint", b"Nothing needs you."))
        assert b"\x1b[2J it" not in screen and b"task-59" not in screen
        desk.type(b"\x03")
        assert desk.ends() == 130


@pytest.mark.parametrize("command", COMMANDS.values())
def test_what_comes_next_is_a_command(command: str) -> None:
    known = {words for words, _ in commands()}
    words = shlex.split(command.format(task="x", run="x", id="x", title="x", node="x"))
    assert words[0] == "corral" and " ".join(words[1:3]) in known


def test_a_key_goes_to_stdout_alone(person: Corral, hub: FakeHub) -> None:
    hub.answers["POST /api/v1/keys"] = {**KEY, "key": "crl_abcdefghsecret"}
    told = person("key", "create", "ci", "--expires-in", "90d")
    assert told.out == "crl_abcdefghsecret\n" and "once" in told.err and "secret" not in told.err
    assert hub.requests[-1].body == {"name": "ci", "role": "viewer", "expires_in": 7_776_000.0}


def test_keys_are_listed_and_revoked(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/keys"] = {"keys": [KEY]}
    hub.answers["DELETE /api/v1/keys/ci"] = KEY
    assert person("key", "list").out.splitlines()[1].split()[:4] == ["3f2a0000", "ci", "crl_abcdefgh…", "viewer"]
    assert person("key", "revoke", "ci").out == "Revoked ci.\n"


def test_the_audit_log(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/audit"] = {"entries": [ENTRY], "next_before": None}
    line = person("audit", "--action", "user").out.splitlines()[1]
    assert "user:a@example.org (ci)" in line and "b@example.org" in line and '"role"' in line
    hub.answers["GET /api/v1/audit/verify"] = {"checked": 6, "intact": False, "broken_at": 7}
    told = person("audit", "--verify")
    assert told.code == 1 and "Entry 7" in told.out


@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_the_dashboards_address(person: Corral, hub: FakeHub, role: str) -> None:
    hub.answers["GET /api/v1/me"] = {"id": ID, "email": "a@example.org", "role": role}
    hub.answers[f"POST /api/v1/users/{ID}/link"] = {
        "url": "http://h/login#once=x",
        "expires_at": "2030-01-01T00:00:00Z",
    }
    told = person("dashboard").out
    assert told == ("http://h/login#once=x\n" if role == "admin" else f"{hub.url}\n")
