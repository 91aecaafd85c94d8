"""What a session is started as: program, directory, environment; and what is said where that cannot be."""

import os
import subprocess
from pathlib import Path

import pytest

from corral_daemon.agents import registry
from corral_daemon.agents.adapter import Interactive, Invocation, Reading, Request, Said
from corral_protocol.capabilities import AgentCli
from corral_protocol.sessions import (
    SessionClosed,
    SessionError,
    SessionForget,
    SessionKill,
    SessionStart,
    SessionStarted,
)
from tests.daemon.daemon_world import until
from tests.daemon.terminal_world import world


async def test_a_session_knows_where_it_is(tmp_path: Path) -> None:
    shows = 'echo "$CORRAL_SESSION_ID $TERM $COLORTERM $CORRAL_HUB_URL $CORRAL_API_KEY $NOTE"; pwd; stty size; tty -s'
    async with world(tmp_path) as here:
        view = here.start(
            "s1", "sh", "-c", shows, cols=100, rows=30, token="orc_topsecret", env={"NOTE": "7"},
            working_directory=str(tmp_path),
        )  # fmt: skip
        closed = await here.heard(SessionClosed, "s1")
        await until(lambda: view.end == closed.offset)
        shown = bytes(view.data).decode().splitlines()
        assert shown == [
            "s1 xterm-256color truecolor http://hub ************* 7",
            str(tmp_path),
            "30 100",
        ]
        assert closed.exit_code == 0


async def test_what_cannot_be_done_is_said_with_a_code_and_a_hint(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        cases = {
            "gone": ({"argv": ("sh",), "working_directory": str(tmp_path / "nowhere")}, "directory_missing"),
            "odd/id": ({"argv": ("sh",)}, "session_id_invalid"),
            "program": ({"argv": ("no-such-program",)}, "spawn_failed"),
            "agent": ({"agent_type": "no_such_agent"}, "agent_unknown"),
            "repo": ({"argv": ("sh",), "repo": "nothing"}, "repo_missing"),
        }
        for session_id, (wanted, code) in cases.items():
            here.sessions.hear(SessionStart(session_id=session_id, **wanted))
            error = await here.heard(SessionError, session_id)
            assert (error.code, bool(error.error), bool(error.hint)) == (code, True, True)
        here.sessions.hear(SessionKill(session_id="never"))
        assert (await here.heard(SessionError, "never")).code == "session_unknown"


class Tui:
    """An agent CLI with a terminal interface: it says what it was told."""

    name = "tui"
    passes = ()

    def __init__(self, program: str = "sh") -> None:
        self.program = program

    async def probe(self) -> AgentCli | None:
        return None

    def command(self, request: Request) -> Invocation:
        raise NotImplementedError

    def read(self, said: Said) -> Reading:
        raise NotImplementedError

    def interactive(self, request: Request) -> Invocation:
        script = f"cat {request.prompt_file or '/dev/null'}; echo $MODE"
        return Invocation(argv=(self.program, "-c", script), environment={"MODE": "tui"})


async def test_an_agent_starts_with_its_prompt(tmp_path: Path) -> None:
    async with world(tmp_path, adapters={"tui": Tui(), "away": Tui("not-installed")}) as here:
        here.sessions.hear(SessionStart(session_id="s1", agent_type="tui", prompt="do this\n"))
        view = here.watch("s1", 0)
        await here.heard(SessionClosed, "s1")
        await until(lambda: bytes(view.data) == b"do this\r\ntui\r\n")
        prompt = tmp_path / "sessions/s1/prompt.md"
        assert prompt.stat().st_mode & 0o777 == 0o600
        here.sessions.hear(SessionForget(session_id="s1"))
        await until(lambda: not prompt.parent.exists())
        here.sessions.hear(SessionStart(session_id="s2", agent_type="away"))
        assert (await here.heard(SessionError, "s2")).code == "agent_missing"


async def test_a_login_shell_is_what_one_gets_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/bash")
    async with world(tmp_path) as here:
        view = here.start("s1")
        await here.heard(SessionStarted, "s1")
        here.enter(1, b"shopt -q login_shell && echo log''in; exit 0\n")
        await until(lambda: b"login\r\n" in view.data)
        assert (await here.heard(SessionClosed, "s1")).exit_code == 0


async def test_a_worktree_of_its_own_that_is_kept_while_there_is_work_in_it(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(repository))
    (repository / "file").write_text("as it was\n")
    git(repository, "add", "file")
    git(repository, "-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "--quiet", "-m", "begin")
    async with world(tmp_path / "state", repos={"site": str(repository)}) as here:
        for session_id, script in (("clean", "cat file"), ("dirty", "echo more >> file; cat file")):
            here.start(session_id, "sh", "-c", script, repo="site", worktree=True)
            closed = await here.heard(SessionClosed, session_id)
            assert closed.exit_code == 0
            here.sessions.hear(SessionForget(session_id=session_id))
        trees = tmp_path / "state/sessions"
        await until(lambda: not (trees / "clean").exists())
        assert (trees / "dirty/tree/file").read_text() == "as it was\nmore\n"
        assert (repository / "file").read_text() == "as it was\n"
        here.start("there", "pwd", repo="site")
        await here.heard(SessionClosed, "there")
        assert (await here.heard(SessionStarted, "there")).working_directory == str(repository)


def git(where: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=where, check=True, env={"PATH": os.environ["PATH"], "HOME": str(where)})


def test_shipped_adapters_start_their_interface_without_the_prompt_in_sight() -> None:
    request = Request(prompt="the secret plan", prompt_file="/s/prompt.md", files="/s", model="m")
    for name in ("claude_code", "codex_cli", "gemini_cli", "aider"):
        adapter = registry()[name]
        assert isinstance(adapter, Interactive)
        with_prompt = " ".join(adapter.interactive(request).argv)
        assert "/s/prompt.md" in with_prompt
        assert "secret plan" not in with_prompt
        assert "--model m" in with_prompt
        bare = adapter.interactive(Request(prompt="", prompt_file="", files="")).argv
        assert not [word for word in bare if "prompt" in word or word == ""]
