"""The program on a terminal of a given width: nothing is broken in the middle of a word, no colour unless wanted."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.cli.hub import FakeHub

TASK = {"id": "3f2a0000-0000-4000-8000-000000000000", "title": "word " * 40, "status": "pending", "priority": "normal"}


def on_terminal(width: int, *words: str, **variables: str) -> list[str]:
    """Run `corral WORDS` with all three streams on a terminal; return the lines it showed."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "corral_cli", *words],
        env={**environment, "TERM": "xterm-256color", **variables},
        stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not chunk:
            break
        shown += chunk
    os.close(ours)
    process.wait(30)
    return shown.decode().replace("\r\n", "\n").splitlines()


@pytest.fixture
def login(hub: FakeHub) -> dict[str, str]:
    return {"CORRAL_HUB_URL": hub.url, "CORRAL_TOKEN": "t"}


def test_an_error_is_folded_between_words_below_its_beginning(home: Path) -> None:
    lines = on_terminal(50, "task", "list", CORRAL_HUB_URL="http://127.0.0.1:1", CORRAL_TOKEN="t", NO_COLOR="1")
    assert lines[0].startswith("corral: the hub at http://127.0.0.1:1")
    assert lines[1].startswith(" " * len("corral: ")) and lines[1].strip()
    assert any(line.startswith("  next: ") for line in lines)
    assert max(map(len, lines)) <= 50
    assert "\x1b" not in "".join(lines)


def test_a_list_fits_and_shows_states_in_colour_unless_told_not_to(hub: FakeHub, login: dict[str, str]) -> None:
    hub.answers["GET /api/v1/tasks"] = {"tasks": [TASK], "next_cursor": None}
    coloured = "\n".join(on_terminal(60, "task", "list", **login))
    assert "\x1b[2mpending\x1b[0m" in coloured
    for lines in (
        on_terminal(60, "task", "list", "--no-color", **login),
        on_terminal(60, "task", "ls", NO_COLOR="1", **login),
    ):
        assert "\x1b" not in "".join(lines)
        assert len(lines) == 2 and max(map(len, lines)) <= 60
        assert lines[1].endswith("…")


def test_a_tree_fits(hub: FakeHub, login: dict[str, str]) -> None:
    hub.answers |= {
        "GET /api/v1/tasks": {"tasks": [TASK], "next_cursor": None},
        f"GET /api/v1/tasks/{TASK['id']}": TASK,
    }
    (line,) = on_terminal(60, "task", "tree", "--no-color", **login)
    assert len(line) <= 60 and line.startswith("○ 3f2a0000  word") and line.endswith("…  pending")


def test_a_timeout_says_what_is_missing_and_how_to_ask_why(hub: FakeHub, login: dict[str, str]) -> None:
    hub.answers[f"GET /api/v1/tasks/{TASK['id']}"] = TASK
    told = " ".join(" ".join(on_terminal(80, "task", "wait", str(TASK["id"]), "--timeout", "0s", **login)).split())
    assert "3f2a0000 is not done after 0.0s [timeout]" in told
    assert "`corral task explain 3f2a0000`" in told


def test_a_question_is_asked_on_a_terminal(hub: FakeHub, login: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "corral_cli", "server", "remove", "atlas"],
        env={**os.environ, **login}, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, b"n\n")
    assert process.wait(30) == 2
    assert hub.requests == []
    os.close(ours)
