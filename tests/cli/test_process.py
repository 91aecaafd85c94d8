"""The program as a process: what start-up loads, signals, pipes, and the way into the daemon."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Corral
from tests.cli.everything import commands
from tests.cli.hub import FakeHub, Request

HEAVY = {
    "httpx",
    "websockets.client",
    "anyio",
    "ssl",
    "asyncio",
    "pydantic",
    "rich",
    "corral_daemon",
    "corral_hub",
}


def start(words: Sequence[str], **variables: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **variables}
    command = [sys.executable, "-m", "corral_cli", *words]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, preexec_fn=hear_ctrl_c, **pipes)


def hear_ctrl_c() -> None:
    """Whoever runs the tests in the background may have SIGINT ignored, and so would every process below."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("words", [["--help"], ["task", "--help"], ["task", "list", "--help"], ["attach", "--help"]])
def test_a_help_page_loads_nothing_that_talks(home: Path, words: list[str]) -> None:
    assert not HEAVY & loaded_by(words)


def loaded_by(words: list[str], **variables: str) -> set[str]:
    """Return the modules that a process has loaded once it has run the command."""
    script = (
        "import sys, io, contextlib, json\n"
        "from corral_cli.__main__ import main\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        f"    code = main({words!r})\n"
        "print(json.dumps([code, *sys.modules]))\n"
    )
    environment = {**os.environ, **variables}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    code, *names = json.loads(done.stdout)
    assert code == 0, done.stderr
    return set(names)


@pytest.mark.parametrize("words", [["task", "list", "--status", "done", "--limit", "3"], ["status", "--no-color"]])
def test_a_command_loads_no_validator_and_nothing_that_draws(hub: FakeHub, home: Path, words: list[str]) -> None:
    hub.answers |= {"GET /api/v1/tasks": {"tasks": []}, "GET /api/v1/servers": {"servers": []}}
    hub.answers |= {"GET /api/v1/interventions": [], "GET /readyz": {}}
    hub.answers |= {"GET /api/v1/runs/questions": {"questions": []}, "GET /api/v1/runs": {"runs": []}}
    loaded = loaded_by(words, CORRAL_HUB_URL=hub.url, CORRAL_TOKEN="t")
    assert "httpx" in loaded
    assert not {"pydantic", "rich", "click", "asyncio", "corral_daemon", "corral_hub"} & loaded


def test_ctrl_c_ends_a_wait_without_a_traceback(hub: FakeHub, home: Path) -> None:
    hub.answers["GET /api/v1/tasks/3f2a"] = {"id": "3f2a", "title": "t", "status": "running"}
    process = start(["task", "wait", "3f2a"], CORRAL_HUB_URL=hub.url, CORRAL_TOKEN="t")
    deadline = time.monotonic() + 30
    while not hub.asked("GET /api/v1/tasks/3f2a") and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err.count("Traceback")) == (130, 0), err
    assert "Traceback" not in err


def test_a_reader_that_goes_away_is_no_error(hub: FakeHub, home: Path) -> None:
    many = {"tasks": [{"id": f"{number:08x}", "title": "x" * 200, "status": "done"} for number in range(5000)]}
    hub.answers["GET /api/v1/tasks"] = many
    process = start(["task", "list"], CORRAL_HUB_URL=hub.url, CORRAL_TOKEN="t")
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(30), err) == (128 + signal.SIGPIPE, "")


def test_logs_into_a_pipe_are_exact_bytes(hub: FakeHub, home: Path) -> None:
    def page(request: Request) -> dict[str, object]:
        entry = {"id": 1, "attempt": 1, "stream": "stdout", "text": "?", "data": "//4bWzJKDQo="}
        return {"chunks": [entry] if request.query["after"] == "0" else []}

    hub.answers["GET /api/v1/tasks/3f2a/output"] = page
    variables = {**os.environ, "CORRAL_HUB_URL": hub.url, "CORRAL_TOKEN": "t"}
    command = [sys.executable, "-m", "corral_cli", "task", "logs", "3f2a"]
    assert subprocess.run(command, env=variables, capture_output=True, check=True).stdout == b"\xff\xfe\x1b[2J\r\n"


def test_a_terminal_that_knows_no_unicode(hub: FakeHub, home: Path) -> None:
    hub.answers["GET /api/v1/tasks/3f2a/status"] = {}
    hub.answers["GET /api/v1/tasks/3f2a"] = {"id": "3f2a", "title": "Prüfung ✓", "status": "done"}
    process = start(["task", "status", "3f2a"], CORRAL_HUB_URL=hub.url, CORRAL_TOKEN="t", PYTHONIOENCODING="ascii")
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "Pr\\xfcfung" in out


def daemon_that_tells_its_words(folder: Path) -> str:
    (folder / "corral_daemon").mkdir()
    (folder / "corral_daemon" / "__init__.py").write_text("")
    (folder / "corral_daemon" / "__main__.py").write_text("import sys\nprint(sys.argv[1:])\nsys.exit(42)\n")
    return str(folder)


@pytest.mark.parametrize(
    ("words", "passed"),
    [
        (["join", "orcreg_a.b", "--name", "build-3"], ["join", "orcreg_a.b", "--name", "build-3"]),
        (
            ["join", "-", "--repo", "a=b", "--repo", "c=d", "--json"],
            ["join", "-", "--repo", "a=b", "--repo", "c=d", "--json"],
        ),
        (["daemon", "run", "--once", "--config", "/x"], ["run", "--once", "--config", "/x"]),
        (["daemon", "repo", "add", "name", "/path"], ["repo", "add", "name", "/path"]),
        (["daemon", "uninstall", "--dry-run", "-o", "json"], ["uninstall", "--dry-run", "--json"]),
        (["--json", "daemon", "probe"], ["probe", "--json"]),
        (["daemon", "probe", "--json"], ["probe", "--json"]),
    ],
)
def test_the_daemon_is_started_with_the_words_and_its_exit_code_is_ours(
    home: Path, words: list[str], passed: list[str]
) -> None:
    process = start(words, PYTHONPATH=daemon_that_tells_its_words(home))
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (42, f"{passed}\n", "")


@pytest.mark.parametrize(
    ("path", "command"),
    [pytest.param(path, command, id=path) for path, command in commands() if path.split()[0] in ("daemon", "join")],
)
def test_our_page_offers_what_the_daemons_program_takes(path: str, command: Any) -> None:
    words = [sys.executable, "-m", "corral_daemon", *path.removeprefix("daemon ").split(), "--help"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    theirs = set(re.findall(r"--[a-z-]+", told.partition("options:")[2])) - {"--help", "--json"}
    ours = {name for one in command.params if one.param_type_name == "option" for name in one.opts}
    assert ours == theirs


def test_a_daemon_that_is_not_installed(corral: Corral, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    told = corral("daemon", "run")
    assert told.code == 1 and "pip install corral-daemon" in told.err
