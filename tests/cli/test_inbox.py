"""inbox, key, audit, dashboard: what people read, and that secrets and hostile texts go where they should."""

import shlex

import pytest

from corral_cli.commands.inbox import COMMANDS
from tests.cli.conftest import Corral
from tests.cli.everything import commands
from tests.cli.hub import FakeHub

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
