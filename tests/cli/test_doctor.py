"""What the doctor makes of what it sees."""

import os
from pathlib import Path

import pytest

from corral_cli.doctor import command, machine
from corral_cli.doctor.findings import fail, judge_clock, judge_disk, judge_mode, ok, summary, verdict, warn
from corral_cli.up.place import Place
from tests.cli.conftest import Corral
from tests.cli.hub import FakeHub


def test_the_worst_finding_is_the_verdict() -> None:
    assert verdict([]) == "ok"
    assert verdict([ok("a", "")]) == "ok"
    assert verdict([ok("a", ""), warn("b", "", "")]) == "warn"
    assert verdict([fail("a", "", ""), warn("b", "", "")]) == "fail"


@pytest.mark.parametrize(("offset", "level"), [(0, "ok"), (-4, "ok"), (6, "warn"), (-61, "fail")])
def test_clocks_may_differ_a_little(offset: float, level: str) -> None:
    assert judge_clock(offset).level == level


@pytest.mark.parametrize(("free", "level"), [(10**10, "ok"), (10**9, "warn"), (10**8, "fail")])
def test_a_full_disk_is_told_before_it_hurts(free: int, level: str) -> None:
    assert judge_disk(free, 10**11, "/data").level == level


@pytest.mark.parametrize(("mode", "level"), [(0o600, "ok"), (0o400, "ok"), (0o640, "fail"), (0o604, "fail")])
def test_secrets_are_private(mode: int, level: str) -> None:
    assert judge_mode("/x", mode).level == level


def test_a_readable_key_is_found_and_the_repair_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORRAL_CONFIG", str(tmp_path / "cli.toml"))
    path = tmp_path / "daemon.toml"
    path.touch()
    path.chmod(0o644)
    (finding,) = machine.permissions(Place(home=tmp_path))
    assert finding.level == "fail"
    assert finding.fix == f"chmod 600 {path}"
    path.chmod(0o600)
    (finding,) = machine.permissions(Place(home=tmp_path))
    assert finding.level == "ok"


def test_a_home_that_is_not_there_yet_is_no_problem(tmp_path: Path) -> None:
    levels = [finding.level for finding in machine.disk(Place(home=tmp_path / "not" / "yet"))]
    assert "fail" not in levels or os.geteuid() != 0


def test_git_that_is_missing_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    (finding,) = machine.git()
    assert finding.level == "fail"
    assert "Install" in finding.fix


def test_every_check_is_a_line_and_every_repair_another(
    person: Corral, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.answers |= {"GET /readyz": {}, "GET /api/v1/me": {"email": "ada@example.org", "role": "admin"}}
    monkeypatch.setattr(command, "ask_daemon", lambda *_: None)
    told = person("doctor")
    lines = told.out.splitlines()
    assert told.code == 0
    at = next(at for at, line in enumerate(lines) if line.startswith("! daemon"))
    assert lines[at + 1].strip() == "→ Enrol it: corral up, or corral join TOKEN"
    assert lines[at].index("this machine") == lines[at + 1].index("→")
    assert lines[-1] == "All is well, but for 2 remarks."
    assert person("doctor", "-q").out.split("\n")[0] == "python"
    assert person("doctor", "--json").json["result"] == "warn"


def test_a_mere_worker_is_examined_against_its_own_hub(
    corral: Corral, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.answers["GET /readyz"] = {}
    status = {"server_name": "build-3", "hub_url": hub.url, "running": True, "connected": True}
    monkeypatch.setattr(command, "ask_daemon", lambda asked, _: status if asked == "status" else None)
    told = corral("doctor")
    assert told.code == 0, told.out
    assert f"{hub.url} answers" in told.out
    assert f"corral login --hub-url {hub.url}" in told.out


def test_the_summary_counts_what_is_wrong() -> None:
    assert summary([ok("a", "")]) == "All is well."
    assert summary([warn("a", "", ""), ok("b", "")]) == "All is well, but for 1 remark."
    assert summary([warn("a", "", ""), fail("b", "", "")]).startswith("1 of 2 checks failed")


def test_agents_are_judged_by_their_login() -> None:
    found = {"agents": [{"name": "claude_code", "version": "2", "logged_in": False}, {"name": "aider", "version": "1"}]}
    claude, aider = machine.agents(found)
    assert (claude.level, aider.level) == ("warn", "ok")
    assert "/login" in claude.fix
    assert [finding.level for finding in machine.agents(None)] == ["warn"]
