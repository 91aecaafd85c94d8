"""The watch over real terminals: what it looks at, and when; what it says; whom it lets paste."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from corral_daemon.agents.adapter import Adapter, Invocation, ScreenText, Sign
from corral_daemon.attention.observe import Seen, observe
from corral_daemon.attention.watch import Watch
from corral_daemon.ports import RunnerSettings
from corral_daemon.pty.launch import Means
from corral_daemon.pty.sessions import Sessions
from corral_protocol.sessions import SessionAttention, SessionInput, SessionStart
from corral_protocol.vocabulary import Attention
from tests.daemon import terminal_world
from tests.daemon.daemon_world import until
from tests.daemon.terminal_world import FakeScreens, World, end_all, gone

RAW = "stty raw -echo; "


@dataclass
class ScriptedScreens(FakeScreens):
    """Shows what a test says."""

    lines: tuple[str, ...] = ()
    looks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    async def look(self, session_id: str, lines: int | None) -> terminal_world.Seen:
        self.looks.append(session_id)
        return replace(await super().look(session_id, lines), lines=self.lines, pastes=True)


class Agent:
    """An interface that says in its first line what it does."""

    name = "fake"
    passes = ()

    def interactive(self, request: object) -> Invocation:
        return Invocation(argv=("sh", "-c", RAW + "echo; sleep 1000"))

    def sign(self, screen: ScreenText) -> Sign | None:
        word = screen.lines[0] if screen.lines else ""
        if word == "broken":
            raise ValueError("an adapter made a mistake")
        signs = {
            "works": Sign(attention=Attention.WORKING, why="works"),
            "asks": Sign(attention=Attention.WAITS_FOR_INPUT, why="asks"),
            "ready": Sign(attention=Attention.IDLE, why="is ready", ready_for_text=True),
        }
        return signs.get(word)


class Counting:
    """Counts the looks at processes."""

    def __init__(self) -> None:
        self.passes: list[list[int]] = []
        self.broken = False

    def __call__(self, leaders: list[int]) -> Mapping[int, Seen]:
        if self.broken:
            raise OSError("too many open files")
        self.passes.append(leaders)
        return observe(leaders)


@dataclass
class Watched:
    world: World
    watch: Watch
    screens: ScriptedScreens
    counting: Counting

    def start(self, session_id: str, *argv: str, agent: str | None = None) -> None:
        self.world.sessions.hear(SessionStart(session_id=session_id, argv=argv, agent_type=agent))

    def said(self, session_id: str) -> list[SessionAttention]:
        return [one for one in self.world.hub.of(SessionAttention) if one.session_id == session_id]

    async def does(self, session_id: str, holds: Callable[[SessionAttention], bool]) -> SessionAttention:
        await until(lambda: any(map(holds, self.said(session_id)[-1:])))
        return self.said(session_id)[-1]


@asynccontextmanager
async def watched(state: Path) -> AsyncIterator[Watched]:
    adapters: dict[str, Adapter] = {"fake": Agent()}  # type: ignore[dict-item]
    screens, counting = ScriptedScreens(), Counting()
    watch = Watch(screens, adapters, counting)
    base = {"PATH": os.environ["PATH"], "HOME": str(state)}
    means = Means(settings=RunnerSettings(state_dir=state, grace=2.0), adapters=adapters, base=base)
    world = World(state, Sessions(means, 1 << 20, screens, watch), screens)
    await world.sessions.open()
    world.connect()
    try:
        yield Watched(world, watch, screens, counting)
    finally:
        await world.disconnect()
        await end_all(world)
        await world.sessions.close()
        await gone(state)


def prompts(said: SessionAttention) -> bool:
    return said.attention is Attention.IDLE


async def test_an_idle_session_costs_nothing(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        here.start("s", "bash", "--norc", "--noprofile")
        await here.does("s", prompts)
        await until(lambda: not here.watch.pending)
        looks = len(here.screens.looks)
        here.world.sessions.hear(SessionInput(session_id="s", data="bHMK"))
        await until(lambda: len(here.screens.looks) > looks)
        await until(lambda: not here.watch.pending)


async def test_many_sessions_are_looked_at_together(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        names = [f"s{number}" for number in range(20)]
        for name in names:
            here.start(name, "bash", "--norc", "--noprofile")
        for name in names:
            await here.does(name, prompts)
        await until(lambda: not here.watch.pending)
        assert len(here.counting.passes) < len(here.screens.looks) / 2


async def test_what_stays_is_said_once_and_again_after_a_reconnect(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        here.start("s", "bash", "--norc", "--noprofile")
        await here.does("s", prompts)
        await until(lambda: not here.watch.pending)
        count = len(here.said("s"))
        await here.world.disconnect()
        here.world.connect()
        await until(lambda: len(here.said("s")) > count)
        one, two = here.said("s")[-2:]
        assert abs(one.since - two.since) < 0.1
        assert replace(one, since=0.0) == replace(two, since=0.0)


async def test_an_adapters_mistake_costs_only_its_sign(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        here.screens.lines = ("broken",)
        here.start("agent", agent="fake")
        here.start("shell", "bash", "--norc", "--noprofile")
        await here.does("shell", prompts)
        await here.does("agent", lambda said: said.attention is Attention.WORKING)
        assert not (await here.watch.ready("agent")).ready


async def test_text_is_taken_by_an_agent_at_its_prompt_only(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        here.screens.lines = ("works",)
        here.start("agent", agent="fake")
        here.start("shell", "bash", "--norc", "--noprofile")
        await here.does("agent", lambda said: said.why == "works")
        await here.does("shell", prompts)
        assert (await here.watch.ready("agent")).why == "works"
        here.screens.lines = ("asks",)
        assert not (await here.watch.ready("agent")).ready
        here.screens.lines = ("ready",)
        ready = await here.watch.ready("agent")
        assert (ready.ready, ready.pastes) == (True, True)
        assert not (await here.watch.ready("shell")).ready, "never a shell, whatever it shows"
        assert not (await here.watch.ready("nobody")).ready
        here.world.sessions.hear(SessionInput(session_id="agent", data="eA=="))
        assert (await here.watch.ready("agent")).why == "is being typed into"


async def test_a_screen_that_is_being_drawn_takes_no_text(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        here.screens.lines = ("ready",)
        here.start("agent", agent="fake")
        await here.does("agent", lambda said: said.why == "is ready")
        asking = asyncio.create_task(here.watch.ready("agent"))
        looks = len(here.screens.looks)
        await until(lambda: len(here.screens.looks) > looks)
        here.screens.lines = ("ready", "more")
        assert (await asking).why == "is drawing its screen"


async def test_who_listens_hears_of_every_change(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        heard: list[str] = []
        here.watch.listen(heard.append)
        here.screens.lines = ("ready",)
        here.start("agent", agent="fake")
        await here.does("agent", lambda said: said.why == "is ready")
        assert set(heard) == {"agent"}
        assert len(heard) == len(here.said("agent"))


async def test_without_a_scribe_the_processes_still_tell(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        here.screens.broken = True
        here.start("s", "bash", "--norc", "--noprofile")
        await here.does("s", prompts)
        here.start("agent", agent="fake")
        assert not (await here.watch.ready("agent")).ready


async def test_without_a_process_table_the_screens_still_tell(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        here.counting.broken = True
        here.screens.lines = ("asks",)
        here.start("agent", agent="fake")
        await here.does("agent", lambda said: said.attention is Attention.WAITS_FOR_INPUT)
