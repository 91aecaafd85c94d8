"""Logging in and out, and the configuration commands: secrets stay out of argv, output and other people's files."""

import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Corral
from tests.cli.hub import FakeHub, problem


@pytest.fixture
def accounts(hub: FakeHub) -> FakeHub:
    hub.answers["POST /api/v1/login"] = {
        "access_token": "jwt-1",
        "token_type": "bearer",
        "expires_in": 86400,
        "role": "admin",
    }
    hub.answers["GET /api/v1/me"] = {"id": "u1", "email": "me@example.org", "role": "admin"}
    hub.answers["POST /api/v1/logout"] = {"revoked": True}
    return hub


def stored(home: Path) -> dict[str, Any]:
    return tomllib.loads((home / "config" / "cli.toml").read_text())


def test_login_remembers_the_token_privately_and_never_prints_it(corral: Corral, accounts: FakeHub, home: Path) -> None:
    told = corral(
        "--hub-url", accounts.url, "login", "--email", "me@example.org", "--password-stdin", stdin="a long password\n"
    )
    assert told.code == 0
    assert "me@example.org (admin)" in told.out
    assert "jwt-1" not in told.out + told.err and "password" not in told.out
    assert accounts.requests[0].body == "username=me%40example.org&password=a+long+password"
    assert stored(home) == {"profile": "default", "profiles": {"default": {"hub_url": accounts.url, "token": "jwt-1"}}}
    assert stat.S_IMODE((home / "config" / "cli.toml").stat().st_mode) == 0o600

    assert corral("whoami").out.splitlines()[1].split() == ["email", "me@example.org"]
    assert accounts.requests[-1].headers["authorization"] == "Bearer jwt-1"
    assert corral("logout").code == 0
    assert stored(home)["profiles"]["default"] == {"hub_url": accounts.url}
    assert corral("whoami").code == 4
    assert corral("logout").code == 4


def test_a_token_is_checked_before_it_is_kept(corral: Corral, accounts: FakeHub, home: Path) -> None:
    accounts.answers["GET /api/v1/me"] = problem(401, "bad_token", "expired")
    assert corral("--hub-url", accounts.url, "login", "--token-stdin", stdin="jwt-old\n").code == 4
    assert not (home / "config").exists()


def test_wrong_password(corral: Corral, accounts: FakeHub) -> None:
    accounts.answers["POST /api/v1/login"] = problem(401, "bad_credentials", "wrong e-mail or password")
    told = corral("--hub-url", accounts.url, "login", "--email", "me", "--password-stdin", stdin="x\n")
    assert told.code == 4
    assert "Check the e-mail and the password" in told.err


@pytest.mark.parametrize(
    "words",
    [["login"], ["login", "--email", "me"], ["login", "--password-stdin", "--token-stdin"], ["login", "--token-stdin"]],
)
def test_nobody_is_asked_without_a_terminal(corral: Corral, words: list[str]) -> None:
    assert corral(*words).code == 2


def test_no_option_takes_a_password(corral: Corral) -> None:
    assert corral("login", "--password", "x").code == 2


def test_profiles(corral: Corral, accounts: FakeHub) -> None:
    for name in ("home", "work"):
        assert (
            corral("login", "--profile", name, "--hub-url", accounts.url, "--token-stdin", stdin=f"jwt-{name}\n").code
            == 0
        )
    assert [row["name"] for row in corral("config", "list", "--json").json["profiles"] if row["current"]] == ["work"]
    assert corral("config", "use", "home").code == 0
    corral("whoami")
    assert accounts.requests[-1].headers["authorization"] == "Bearer jwt-home"
    corral("whoami", "--profile", "work")
    assert accounts.requests[-1].headers["authorization"] == "Bearer jwt-work"
    told = corral("whoami", "--profile", "wrk")
    assert told.code == 2 and "home, work" in told.err
    assert corral("config", "use", "wrk").code == 2
    assert "jwt-" not in corral("config", "list", "--json").out


def test_show_origin_names_every_source_and_no_secret(corral: Corral, home: Path) -> None:
    (home / ".corral.toml").write_text('project = "shop"\n')
    told = corral("config", "show", "--origin", "--hub-url", "http://h", CORRAL_TOKEN="very-secret")
    rows = {line.split()[0]: line for line in told.out.splitlines()[1:]}
    assert "flag" in rows["hub_url"] and "--hub-url" in rows["hub_url"]
    assert "environment" in rows["token"] and "CORRAL_TOKEN" in rows["token"] and "(set)" in rows["token"]
    assert "project file" in rows["project"] and "shop" in rows["project"]
    assert "default" in rows["output"]
    assert "very-secret" not in told.out


def test_check_names_everything_and_help_works_all_the_same(corral: Corral, home: Path) -> None:
    (home / "config").mkdir()
    path = home / "config" / "cli.toml"
    path.write_text('hub = "x"\noutput = "xml"\n')
    path.chmod(0o644)
    told = corral("config", "check", "--json", CORRAL_HUB_URL="nonsense")
    assert told.code == 2
    problems = "\n".join(told.json["error"]["details"]["problems"])
    for part in ("did you mean 'hub_url'", "output must be one of", "can be read by others", "nonsense"):
        assert part in problems
    assert corral("task", "list", "--help").code == 0
    assert corral("task", "list").code == 2
    path.write_text("= broken")
    assert "not valid TOML" in corral("config", "check").err
    path.unlink()
    assert corral("config", "check").code == 0


def test_set_and_path(corral: Corral, home: Path) -> None:
    assert corral("config", "path").out == f"{home / 'config' / 'cli.toml'}\n"
    assert corral("config", "set", "project", "shop").code == 0
    assert stored(home) == {"project": "shop"}
    assert corral("config", "set", "project", "").code == 0
    assert stored(home) == {}
    assert corral("config", "set", "token", "x").code == 2
    assert corral("config", "set", "output", "xml").code == 2
    assert "did you mean 'project'" in corral("config", "set", "projct", "x").err
