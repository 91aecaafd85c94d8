"""A runner and terminals that outlive it: taken up again, stopped, timed, told apart."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from corral_daemon.agents.adapter import Adapter, Invocation, Request
from corral_daemon.ports import RunnerSettings
from corral_daemon.pty.stages import SessionStages
from corral_daemon.runner import Runner
from corral_protocol.sessions import SessionClosed, SessionError, SessionForget, SessionWatch
from corral_protocol.vocabulary import ErrorClass
from tests.daemon.runner_world import GRACE, Notebook, carriers, task, until
from tests.daemon.terminal_world import World, world
from tests.daemon.test_session_start import Tui


class Agent(Tui):
    """Runs a line of shell: the task's prompt."""

    def interactive(self, request: Request) -> Invocation:
        line = request.prompt.split("DO ", 1)[1].splitlines()[0]
        return Invocation(argv=("sh", "-c", line))


class Headless:
    name = "headless"
    passes = ()


ADAPTERS: Mapping[str, Adapter] = {"tui": Agent(), "headless": Headless()}  # type: ignore[dict-item]


class Ward:
    """One runner after another on the same terminals."""

    def __init__(self, here: World) -> None:
        self.here = here
        self.notebook = Notebook()
        self.runner = self._runner()

    def _runner(self) -> Runner:
        settings = RunnerSettings(state_dir=self.here.state, max_concurrent=4, grace=GRACE)
        return Runner(self.notebook, settings, ADAPTERS, SessionStages(self.here.sessions))

    async def restart(self) -> None:
        await self.runner.close(0.0)
        self.runner = self._runner()
        await self.runner.take_up()

    async def begin(self, line: str, **more: Any) -> None:
        run = {"kind": "session", "agent": "tui", **more.pop("run", {})}
        message = task(spec=f"DO {line}", run=run, session_id="s1", token="orc_topsecret", **more)
        self.here.sessions.expect("s1")
        await self.runner.assign(message)

    async def outcome(self, epoch: int = 1) -> Any:
        await until(lambda: ("aaaa1111-0000", epoch) in self.notebook.outcomes)
        return self.notebook.outcomes["aaaa1111-0000", epoch]


@asynccontextmanager
async def ward(state: Path) -> AsyncIterator[Ward]:
    async with world(state) as here:
        made = Ward(here)
        try:
            yield made
        finally:
            await made.runner.close(0.0)
            for stage in SessionStages(here.sessions).left():
                stage.release()


async def test_the_next_runner_takes_it_up_with_the_same_pid(tmp_path: Path) -> None:
    async with ward(tmp_path) as here:
        await here.begin("sleep 1000", epoch=7, attempt=3)
        await until(lambda: "started" in here.notebook.words)
        (before,) = here.runner.held()
        assert not here.runner.idle.is_set()
        assert here.runner.free.is_set()
        here.notebook.running.add(("aaaa1111-0000", 7))
        for _ in range(3):
            await here.restart()
        assert here.runner.held() == (before,)
        assert here.notebook.words == ["accepted", "started"]
        assert (tmp_path / "units/aaaa1111-0000-7/prompt.md").exists()
        await here.runner.cancel("aaaa1111-0000", 7, "enough", GRACE)
        assert (await here.outcome(7)).error.kind is ErrorClass.CANCELLED
        assert here.runner.idle.is_set()


async def test_what_ended_while_nobody_was_there_is_reported_by_the_next(tmp_path: Path) -> None:
    async with ward(tmp_path) as here:
        await here.begin("read x; exit 4")
        await until(lambda: "started" in here.notebook.words)
        await here.runner.close(0.0)
        here.here.watch("s1", 0)
        here.here.enter(1, b"\n")
        await here.here.heard(SessionClosed, "s1")
        here.notebook.running.add(("aaaa1111-0000", 1))
        await here.restart()
        outcome = await here.outcome()
        assert (outcome.error.kind, outcome.exit_code) == (ErrorClass.EXIT_NONZERO, 4)


async def test_one_that_was_started_and_not_written_down_is(tmp_path: Path) -> None:
    async with ward(tmp_path) as here:
        await here.begin("sleep 1000")
        await until(lambda: "started" in here.notebook.words)
        here.notebook.calls.clear()  # as if the disk had not had it yet
        await here.restart()
        await until(lambda: here.notebook.words == ["accepted", "started"])


async def test_the_timeout_counts_from_the_first_begin(tmp_path: Path) -> None:
    async with ward(tmp_path) as here:
        await here.begin("sleep 1000", run={"timeout": 1.5})
        await until(lambda: "started" in here.notebook.words)
        here.notebook.running.add(("aaaa1111-0000", 1))
        await here.restart()
        outcome = await here.outcome()
        assert outcome.error.kind is ErrorClass.TIMEOUT
        assert outcome.duration >= 1.5


async def test_cancelling_ends_what_hides_from_it(tmp_path: Path) -> None:
    async with ward(tmp_path) as here:
        await here.begin("setsid sh -c 'trap \"\" TERM HUP; sleep 1000' & sleep 1000")
        await until(lambda: len(carriers(str(tmp_path))) >= 3)
        await here.runner.cancel("aaaa1111-0000", 1, "enough", GRACE)
        await here.outcome()
        assert carriers(str(tmp_path)) == set()


async def test_last_words_are_waited_for_and_no_longer_than_said(tmp_path: Path) -> None:
    async with ward(tmp_path) as here:
        await here.begin("read x; exit 0")
        await until(lambda: "started" in here.notebook.words)
        await here.runner.cancel("aaaa1111-0000", 1, "done", GRACE, after=1000.0)
        here.here.watch("s1", 0)
        here.here.enter(1, b"\n")
        assert (await here.outcome()).exit_code == 0


async def test_its_end_is_written_down_before_it_is_forgotten(tmp_path: Path) -> None:
    async with ward(tmp_path) as here:
        here.notebook.finishing.clear()
        await here.begin("exit 3")
        await here.here.heard(SessionClosed, "s1")
        here.here.sessions.hear(SessionForget(session_id="s1"))
        assert "s1" in here.here.sessions.holder.sessions
        here.notebook.finishing.set()
        await here.outcome()
        await until(lambda: "s1" not in here.here.sessions.holder.sessions)


async def test_who_comes_too_early_waits_and_sees_all_of_it(tmp_path: Path) -> None:
    async with ward(tmp_path) as here:
        here.here.sessions.expect("s1")
        here.here.sessions.hear(SessionWatch(session_id="s1", channel=1, offset=0))
        await here.begin('echo "early $CORRAL_API_KEY $CORRAL_TASK_ID"')
        await here.outcome()
        await until(lambda: bytes(here.here.hub.view(1).data) == b"early ************* aaaa1111-0000\r\n")
        assert not here.here.hub.of(SessionError)


async def test_what_cannot_be_started_says_why_to_both(tmp_path: Path) -> None:
    async with ward(tmp_path) as here:
        for epoch, run in enumerate(({"agent": "nobody"}, {"agent": "headless"}, {"directory": "repo"}), 1):
            await here.begin("true", epoch=epoch, run=run)
            error = (await here.outcome(epoch)).error
            assert here.here.hub.of(SessionError)[-1].error == error.message
        kinds = [here.notebook.outcomes["aaaa1111-0000", epoch].error.kind for epoch in (1, 2, 3)]
        assert kinds == [ErrorClass.AGENT_MISSING, ErrorClass.AGENT_MISSING, ErrorClass.REPO_MISSING]
        assert "has no interface for a terminal" in here.notebook.outcomes["aaaa1111-0000", 2].error.message
