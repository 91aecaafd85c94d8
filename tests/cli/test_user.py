"""The people who may log in: no password in argv, none on the screen, a new one typed twice."""

import getpass
from collections.abc import Iterator

import pytest

from corral_cli import reading
from corral_cli.commands import login
from tests.cli.conftest import Corral
from tests.cli.hub import FakeHub

ADA = {"id": "3f2a0000-0000-4000-8000-000000000000", "email": "ada@example.org", "role": "viewer"}
SECRET = "correct horse battery"


@pytest.fixture
def users(hub: FakeHub) -> FakeHub:
    hub.answers["GET /api/v1/users"] = {"users": [ADA]}
    hub.answers["POST /api/v1/users"] = ADA
    hub.answers["PATCH /api/v1/users/ada%40example.org"] = ADA
    return hub


def typed(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Let a person be there who types these."""
    given: Iterator[str] = iter(answers)
    monkeypatch.setattr(login, "can_ask", lambda: True)
    monkeypatch.setattr(getpass, "getpass", lambda *_, **__: next(given))
    assert not reading.can_ask()


def test_users_are_listed_and_made(person: Corral, users: FakeHub) -> None:
    assert person("user", "list").out.splitlines()[1].split() == ["3f2a0000", "ada@example.org", "viewer"]
    told = person("user", "create", "ada@example.org", "--password-stdin", stdin=f"{SECRET}\n")
    assert told.out == "ada@example.org may log in as viewer.\n"
    assert users.requests[-1].body == {"email": "ada@example.org", "password": SECRET, "role": "viewer"}


def test_a_new_password_is_typed_twice(person: Corral, users: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, SECRET, SECRET)
    told = person("user", "set", "ada@example.org", "--password")
    assert (told.code, users.requests[-1].body) == (0, {"password": SECRET})
    assert SECRET not in told.out + told.err and "corral login" in told.err
    asked = len(users.requests)
    typed(monkeypatch, SECRET, "another")
    assert person("user", "set", "ada@example.org", "--password").code == 2
    assert len(users.requests) == asked


def test_without_a_person_or_a_change_nothing_is_sent(person: Corral, users: FakeHub) -> None:
    assert person("user", "create", "ada@example.org").code == 2
    assert person("user", "set", "ada@example.org").code == 2
    assert users.requests == []
    assert person("user", "set", "ada@example.org", "--role", "admin").code == 0
    assert users.requests[-1].body == {"role": "admin"}
