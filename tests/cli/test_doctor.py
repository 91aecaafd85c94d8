"""What the doctor makes of what it sees."""

import os
from pathlib import Path

import pytest

from corral_cli.doctor import machine
from corral_cli.doctor.findings import fail, judge_clock, judge_disk, judge_mode, ok, verdict, warn
from corral_cli.up.place import Place


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


def test_agents_are_judged_by_their_login() -> None:
    found = {"agents": [{"name": "claude_code", "version": "2", "logged_in": False}, {"name": "aider", "version": "1"}]}
    claude, aider = machine.agents(found)
    assert (claude.level, aider.level) == ("warn", "ok")
    assert "/login" in claude.fix
    assert [finding.level for finding in machine.agents(None)] == ["warn"]
