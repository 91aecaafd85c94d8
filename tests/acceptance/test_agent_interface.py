"""The real Claude Code in a terminal, its provider a mock: what its screen says, and when it takes text."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from corral_daemon import agents
from corral_daemon.attention.watch import Watch
from corral_daemon.ports import RunnerSettings
from corral_daemon.pty.launch import SAID, Means, folder
from corral_daemon.pty.sessions import Sessions
from corral_daemon.recording.shipper import Shipper
from corral_daemon.scribe.client import Scribe
from corral_daemon.spool.spool import MIB
from corral_protocol.sessions import SessionAttention, SessionForget, SessionInput, SessionStart
from corral_protocol.to_hub import ToHub
from corral_protocol.vocabulary import Attention
from tests.acceptance.real_claude import VENDORS
from tests.acceptance.test_real_agents import programs, provider
from tests.acceptance.world import PATIENCE
from tests.daemon.daemon_world import until
from tests.daemon.runner_world import repository
from tests.daemon.terminal_world import gone

__all__ = ["programs", "provider"]
pytestmark = pytest.mark.acceptance

BEGIN_PASTE, END_PASTE = "\x1b[200~", "\x1b[201~"


class Interface:
    """A session with the CLI in it."""

    def __init__(self, sessions: Sessions, watch: Watch, state: Path) -> None:
        self.sessions, self.watch, self.state = sessions, watch, state
        self.said: list[SessionAttention] = []

    def hear(self, message: ToHub) -> None:
        if isinstance(message, SessionAttention):
            self.said.append(message)

    def type(self, text: str) -> None:
        data = base64.b64encode(text.encode()).decode()
        self.sessions.hear(SessionInput(session_id="agent", data=data))

    def hooks(self) -> list[str]:
        """What the CLI's hooks have said."""
        said = folder(self.state, "agent") / SAID
        return said.read_text().splitlines() if said.exists() else []

    async def does(self, attention: Attention, why: str) -> None:
        def reached() -> bool:
            return bool(self.said) and self.said[-1].attention is attention and why in self.said[-1].why

        try:
            await until(reached, PATIENCE)
        except TimeoutError:
            pytest.fail(f"it never was {attention} ({why}), but {self.said[-3:]}")

    async def is_ready(self) -> bool:
        """Somebody who typed just now is not disturbed, so that the answer may take a moment to become yes."""
        async with asyncio.timeout(PATIENCE):
            while not (ready := await self.watch.ready("agent")).ready:  # noqa: ASYNC110 - nobody tells when it may
                await asyncio.sleep(0.2)
        return ready.pastes


@pytest.fixture
async def interface(
    programs: Path, provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Interface]:
    (tmp_path / ".claude.json").write_text(json.dumps({"hasCompletedOnboarding": True, "theme": "dark"}))
    checkout = repository(tmp_path / "repo")
    base = {name: value for name, value in os.environ.items() if not name.startswith(VENDORS)} | {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "TERM": "xterm-256color",
        "ANTHROPIC_BASE_URL": provider,
        "ANTHROPIC_AUTH_TOKEN": "nobody",
        "CLAUDE_CODE_MAX_RETRIES": "0",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }
    scribe, adapters = Scribe(tmp_path / "screens"), agents.registry()
    watch = Watch(scribe, adapters)
    means = Means(settings=RunnerSettings(state_dir=tmp_path), adapters=adapters, base=base)
    sessions = Sessions(means, 1 << 20, scribe, Shipper(tmp_path / "recordings", MIB), watch)
    interface = Interface(sessions, watch, tmp_path)
    sessions.attach(interface.hear)
    watch.attach(interface.hear)
    sessions.hear(SessionStart(session_id="agent", agent_type="claude_code", working_directory=str(checkout)))
    try:
        yield interface
    finally:
        sessions.hear(SessionForget(session_id="agent"))
        await sessions.close()
        await gone(tmp_path)


async def test_text_gets_in_where_it_belongs_and_nowhere_else(interface: Interface) -> None:
    await interface.does(Attention.WAITS_FOR_INPUT, "asks: Quick safety check")
    assert not (await interface.watch.ready("agent")).ready
    interface.type("\r")
    await interface.does(Attention.IDLE, "is at its prompt")
    assert await interface.is_ready(), "it understands bracketed paste"

    interface.type("half a line")
    await interface.does(Attention.IDLE, "has text in its prompt")
    assert not (await interface.watch.ready("agent")).ready
    interface.type("\x15")
    await interface.does(Attention.IDLE, "is at its prompt")

    assert await interface.is_ready()
    interface.type(f"{BEGIN_PASTE}please complete{END_PASTE}")
    interface.type("\r")
    await interface.does(Attention.WAITS_FOR_INPUT, "asks: Do you want to proceed?")
    refused = await interface.watch.ready("agent")
    assert not refused.ready
    interface.type("1")
    await until(lambda: "Stop" in "".join(interface.hooks()), PATIENCE)
    assert any("UserPromptSubmit" in line for line in interface.hooks())
    assert "please complete" not in "".join(interface.hooks())
    await interface.does(Attention.IDLE, "is at its prompt")
    assert await interface.is_ready()
