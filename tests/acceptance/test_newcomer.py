"""What a newcomer does: a fresh clone, `make up`, `corral demo`, Ctrl-C, and what goes wrong on the way."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.upping import Up, urls

ROOT = Path(__file__).parents[2]
CORRAL = [sys.executable, "-m", "corral_cli"]

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc"),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's: for root, PostgreSQL runs as another user, who may not enter what pytest closes to others."""
    with tempfile.TemporaryDirectory(prefix="corral-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def up(folder: Path) -> Iterator[Up]:
    running = Up([*CORRAL, "up"], ROOT, folder)
    yield running
    running.cleanup()
    assert running.processes() == []


@pytest.fixture
def clone(folder: Path) -> Path:
    """The files git knows or would take in, without anything that was installed or built."""
    target = folder / "clone"
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def break_off_an_installation(clone: Path) -> None:
    """Leave what Ctrl-C during the very first `make up` leaves: a Python that runs, and no pip that does."""
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (clone / ".venv" / ".begun").touch()


@pytest.mark.slow
def test_the_first_minute_in_a_fresh_clone(clone: Path, folder: Path) -> None:
    break_off_an_installation(clone)
    up = Up(["make", "up"], clone, folder)
    try:
        up.start()
        said = up.until("Ctrl-C stops everything")
        (address,) = urls(said)
        assert address.startswith(f"http://127.0.0.1:{up.port}/login#once="), "one address, which logs in"
        assert re.search(r"Admin +\S+@\S+", said)
        assert re.search(r"Password +\S{12,}", said)
        assert "Agents" in said
        assert ".venv/bin/corral demo" in said

        again = up.run("make", "up")
        assert (again.returncode, f"already running at http://127.0.0.1:{up.port}" in again.stdout) == (0, True)

        demo = up.run(".venv/bin/corral", "demo")
        assert demo.returncode == 0, demo.stdout + demo.stderr
        assert "All 6 tasks are done" in demo.stdout

        listed = up.run("make", "test", "ARGS=--collect-only -q tests/cli/test_up.py")
        assert listed.returncode == 0, listed.stdout + listed.stderr

        up.interrupt()
        assert "Everything is stopped" in up.output
        assert up.processes() == []
    finally:
        up.cleanup()


def test_the_demo_ends_with_the_merged_result_on_disk_and_a_second_start_remembers(up: Up) -> None:
    up.start()
    first = up.until("Ctrl-C stops everything")
    done = up.run(*CORRAL, "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    result = up.home / "demo" / "1"
    assert str(result) in done.stdout
    assert "126 tests passed" in done.stdout
    convert = [sys.executable, "-m", "units", "100", "celsius", "fahrenheit"]
    assert subprocess.run(convert, cwd=result, capture_output=True, text=True, check=True).stdout == "212\n"
    status = ["git", "status", "--porcelain"]
    assert subprocess.run(status, cwd=result, capture_output=True, text=True, check=True).stdout == ""
    assert up.run(*CORRAL, "doctor").returncode == 0
    assert up.interrupt(signal.SIGTERM) == 0
    assert up.processes() == []

    key = (up.home / "daemon.toml").read_text()
    up.start()
    second = up.until("Ctrl-C stops everything")
    assert "Password" in first
    assert "Password" not in second
    assert (up.home / "daemon.toml").read_text() == key, "the machine was enrolled twice"
    assert len(json.loads(up.run(*CORRAL, "task", "list", "--json").stdout)["tasks"]) == 6
    assert up.run(*CORRAL, "demo", "--json").returncode == 0
    started = up.run(*CORRAL, "session", "start", "--name", "idle", "--", "sleep", "1000")
    assert started.returncode == 0, started.stderr
    assert up.interrupt() == 0
    assert up.processes() == [], "terminals outlive a daemon, and nothing outlives `corral up`"


def test_a_port_in_use_is_named_with_a_way_out(up: Up) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", up.port))
        other.listen()
        done = up.run(*CORRAL, "up")
    assert done.returncode == 1
    assert f"port {up.port} on 127.0.0.1 is in use by another program" in done.stderr
    assert f"--port {up.port + 1}" in done.stderr


def test_a_hub_that_dies_takes_everything_down_and_shows_why(up: Up) -> None:
    up.start("--no-daemon")
    up.until("Ctrl-C stops everything")
    os.kill(_pid_of(up, "hub"), signal.SIGKILL)
    assert up.process is not None
    assert up.process.wait(60) == 1
    assert "the hub was ended by SIGKILL" in up.output
    assert "last lines of" in up.output
    assert up.processes() == []


def test_what_a_killed_start_left_is_cleaned_up_by_the_next(up: Up) -> None:
    up.start()
    up.until("Ctrl-C stops everything")
    assert up.process is not None
    up.process.kill()
    up.process.wait()
    assert len(up.processes()) >= 2
    up.start("--no-daemon")
    said = up.until("Ctrl-C stops everything")
    assert "an earlier `corral up` left behind" in said
    assert up.interrupt() == 0


def test_a_bad_setting_is_said_before_anything_starts(up: Up) -> None:
    up.home.mkdir()
    (up.home / "hub.toml").write_text("prot = 8001\n")
    done = up.run(*CORRAL, "up")
    assert done.returncode == 1
    assert "unknown setting 'prot'. Did you mean 'port'?" in done.stderr.splitlines()[-2]
    assert up.processes() == []


def test_an_unattended_first_start_takes_the_given_admin(up: Up) -> None:
    given = {"CORRAL_ADMIN_EMAIL": "ada@example.org", "CORRAL_ADMIN_PASSWORD": "correct horse battery"}
    up.extra = given
    up.start("--no-daemon", "--json")
    said = up.until('"logs":')
    assert '"admin_email": "ada@example.org"' in said
    assert "correct horse" not in said
    login = ["login", "--email", "ada@example.org", "--password-stdin"]
    assert up.run(*CORRAL, *login, stdin="correct horse battery\n").returncode == 0
    assert up.interrupt() == 0


def _pid_of(up: Up, name: str) -> int:
    return json.loads((up.home / "up.json").read_text())["children"][name]
