"""Tab: what is offered, by the shells themselves, and that no title of a task becomes a command of theirs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Corral
from tests.cli.hub import FakeHub

LINES = {
    "corral pi": "pipeline",
    "corral task ex": "explain",
    "corral task show 3f": "3f2a0000",
    "corral task get 3f": "3f2a0000",
    "corral server drain a": "atlas",
    "corral task list --status needs": "needs_human",
    "corral task list --js": "--json",
    "corral --json task list --lim": "--limit",
}
BASH = """
source "$1"
COMP_WORDS=($2)
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_corral corral
printf "%s\\n" "${COMPREPLY[@]}"
"""
ZSH = """
compdef() { }
source "$1"
_describe() { print -rl -- "${(@P)3}" }
words=(${=2}); CURRENT=$#words; _corral
"""
FISH = "source $argv[1]; complete -C $argv[2]"
SHELLS = {
    "bash": ["bash", "--norc", "-c", BASH, "bash"],
    "zsh": ["zsh", "-f", "-c", ZSH, "zsh"],
    "fish": ["fish", "--no-config", "-c", FISH],
}


@pytest.fixture
def hostile(hub: FakeHub, home: Path) -> Path:
    """A hub with a task whose title makes files wherever a shell evaluates it, and a server that is one."""
    made = home / "made"
    evil = (
        f"\\$(touch {made}) $(touch {made}) `touch {made}` \\`touch {made}\\` '; touch {made}; '\"; touch {made} [red]"
    )
    hub.answers["GET /api/v1/tasks"] = {"tasks": [{"id": "3f2a0000-1", "title": evil, "status": "done"}]}
    hub.answers["GET /api/v1/servers"] = {
        "servers": [{"name": "atlas", "status": "online"}, {"name": f"a$(touch {made})"}]
    }
    return made


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("line", LINES)
def test_shells_offer_commands_options_and_ids(
    corral: Corral, hub: FakeHub, home: Path, hostile: Path, shell: str, line: str
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = home / f"completion.{shell}"
    script.write_text(corral("completion", shell).out)
    (home / "corral").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m corral_cli "$@"\n')
    (home / "corral").chmod(0o755)
    environment = {**os.environ, "CORRAL_HUB_URL": hub.url, "CORRAL_TOKEN": "t", "PATH": f"{home}:{os.environ['PATH']}"}
    done = subprocess.run(
        [*SHELLS[shell], str(script), line], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    offered = [told.split("\t")[0].split(":")[0] for told in done.stdout.splitlines()]
    assert offered[:1] == [LINES[line]], done.stdout
    assert not hostile.exists()


def test_a_candidate_is_described_on_one_line_and_one_that_a_shell_would_read_is_left_out(
    person: Corral, hostile: Path
) -> None:
    (line,) = person("task", "show", "3f", _CORRAL_TAB="1").out.splitlines()
    assert line.startswith("3f2a0000\tdone: ")
    assert person("server", "drain", "", _CORRAL_TAB="1").out == "atlas\tonline\n"


def test_nothing_is_said_where_nothing_is_known(corral: Corral) -> None:
    for words in (["task", "show", "--nonsense", ""], ["task", "show", "3f"]):
        told = corral(*words, _CORRAL_TAB="1", CORRAL_HUB_URL="http://127.0.0.1:9", CORRAL_TOKEN="t")
        assert (told.code, told.out, told.err) == (0, "", "")
