"""`corral up`, what it says: once it is up, while it waits, and when a part of it does not start."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from corral_cli.up import hub, report, run
from corral_cli.up.claim import Claim
from corral_cli.up.command import own_name
from corral_cli.up.household import Household
from corral_cli.up.hub import Bootstrap
from corral_cli.up.place import Place, find_place
from corral_cli.up.talk import Talk
from tests.cli.test_up import HUB


def test_the_next_command_can_be_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corral = tmp_path / "venv" / "bin" / "corral"
    corral.parent.mkdir(parents=True)
    corral.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    assert own_name("venv/bin/corral") == "venv/bin/corral"
    monkeypatch.chdir("/")
    assert own_name(str(corral)).endswith("venv/bin/corral")
    monkeypatch.setenv("PATH", str(corral.parent))
    assert own_name(str(corral)) == "corral"
    assert own_name("/x/corral_cli/__main__.py") == f"{Path(sys.executable).name} -m corral_cli"


def test_a_home_nobody_would_guess_is_part_of_the_next_command(tmp_path: Path) -> None:
    usual = find_place({"XDG_DATA_HOME": str(tmp_path)})
    own = find_place({"XDG_DATA_HOME": str(tmp_path), "CORRAL_HOME": str(tmp_path / "a home")})
    assert "CORRAL_HOME" not in "\n".join(report.next_lines(usual, "corral"))
    assert f"CORRAL_HOME='{tmp_path}/a home' corral demo" in "\n".join(report.next_lines(own, "corral"))


def test_last_words_of_a_program_of_ours_are_its_reason() -> None:
    assert hub.last_words("hub", ["noise", "corral-hub: no such setting"]) == ("no such setting", "")
    told = ["noise", "corral-daemon: the file is broken [config_invalid]", "  next: correct it"]
    assert hub.last_words("daemon", told) == ("the file is broken", "correct it")
    assert hub.last_words("hub", ["corral-hub: long ago", "a", "b"]) == ("", "")
    assert hub.last_words("hub", []) == ("", "")


def test_what_the_hub_waits_for_is_said_with_the_reason() -> None:
    line = 'level=warning event=database_unreachable database=postgresql://db/x error="no such host" hint="start it"'
    assert hub.complaint([line]) == "The hub says: database unreachable (postgresql://db/x; no such host; start it)"
    assert hub.complaint(["level=info event=hub_starting"]) is None
    assert hub.complaint(["it's \" no logfmt"]) is None


def test_one_address_leads_to_the_dashboard_and_logs_in() -> None:
    linked = Bootstrap(**{**_fields(HUB), "login_url": "http://127.0.0.1:8000/login#once=abc"})
    said = "\n".join(report.login_lines(linked))
    assert [word for word in said.split() if word.startswith("http")] == ["http://127.0.0.1:8000/login#once=abc"]
    assert "corral dashboard" in said
    assert "Dashboard http://127.0.0.1:8000\n" in "\n".join(report.login_lines(HUB))


def test_the_password_is_said_only_when_it_is_new() -> None:
    assert "correct horse" in "\n".join(report.login_lines(HUB))
    known = Bootstrap(**{**_fields(HUB), "admin_password": None})
    again = "\n".join(report.login_lines(known))
    assert "Password" not in again and "corral user set ada@example.org --password" in again


async def test_a_login_that_cannot_be_stored_is_no_reason_not_to_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORRAL_CONFIG", "/proc/nowhere/cli.toml")

    async def started(*_: object) -> None:
        return None

    async def known(_: object) -> Bootstrap:
        return HUB

    monkeypatch.setattr(Household, "start", started)
    monkeypatch.setattr(run, "wait_ready", started)
    monkeypatch.setattr(run, "bootstrap", known)
    shown = io.StringIO()
    talk = Talk(Console(file=shown, width=200), Console(file=shown))
    place = Place(home=tmp_path)
    household = Household(place, Claim(tmp_path), {})
    assert await run._bring_up(place, run.Wishes(daemon=False), talk, household) == HUB.cli_token
    assert "you are not logged in: /proc/nowhere/cli.toml cannot be written" in shown.getvalue()
    assert "Corral is up." in shown.getvalue()


def test_agents_are_listed_with_version_login_and_next_step() -> None:
    lines = "\n".join(
        report.agent_lines(
            [
                {"name": "claude_code", "version": "2.1.0", "logged_in": True},
                {"name": "codex_cli", "version": "0.9", "logged_in": False},
                {"name": "echo", "version": "1"},
            ]
        )
    )
    assert "Claude Code 2.1.0: logged in" in lines
    assert "Codex 0.9: not logged in; run: codex login" in lines
    assert "not found: Gemini CLI, aider" in lines
    assert "echo" not in lines


def test_a_machine_without_agents_is_told_where_to_get_one() -> None:
    assert "no agent CLI found" in report.agent_lines([{"name": "echo"}])[0]


def test_texts_from_outside_cannot_steer_the_terminal() -> None:
    lines = report.agent_lines([{"name": "aider", "version": "\x1b[2J", "logged_in": None}])
    assert "\x1b" not in "".join(lines)


def _fields(hub: Bootstrap) -> dict[str, str]:
    return {name: getattr(hub, name) for name in Bootstrap.__dataclass_fields__}
