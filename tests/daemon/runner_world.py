"""A runner with a reporter that writes everything down, and ways to see which processes are there."""

import asyncio
import os
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from corral_daemon.agents import registry
from corral_daemon.ports import RunnerSettings, Unit
from corral_daemon.processes import table
from corral_daemon.runner import Runner
from corral_protocol.codec import Json
from corral_protocol.outcome import Outcome
from corral_protocol.to_daemon import TaskAssigned
from corral_protocol.vocabulary import Phase, Stream

DEADLINE = 30.0
GRACE = 0.3


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 - conditions about other processes
            await asyncio.sleep(0.01)


def carriers(mark: str) -> set[int]:
    """Processes, but for zombies, whose environment holds this text."""
    found: set[int] = set()
    for pid, process in table.read().items():
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            continue
        if mark.encode() in environment and not process.zombie:
            found.add(pid)
    return found


class Notebook:
    """Implements ports.Reporter."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.streams: dict[Stream, bytearray] = {stream: bytearray() for stream in Stream}
        self.offsets: Counter[tuple[tuple[str, int], Stream]] = Counter()
        self.outcomes: dict[tuple[str, int], Outcome] = {}
        self.plans: dict[str, Json] = {}
        self.declines: list[tuple[str, str]] = []
        self.cookies: dict[str, str] = {}
        self.room = asyncio.Event()
        self.room.set()
        self.gate = asyncio.Event()
        self.gate.set()
        self.finishing = asyncio.Event()
        self.finishing.set()
        self.running: set[tuple[str, int]] = set()
        self.in_output: set[tuple[str, int]] = set()

    def has_ended(self, task_id: str, epoch: int) -> bool:
        return (task_id, epoch) in self.outcomes

    def has_started(self, task_id: str, epoch: int) -> bool:
        return (task_id, epoch) in self.running

    async def accepted(self, assigned: TaskAssigned, cookie: str) -> None:
        self.calls.append(("accepted", assigned.task_id))
        self.cookies[assigned.task_id] = cookie

    async def started(self, unit: Unit, pid: int | None, at: float) -> None:
        self.calls.append(("started", pid))

    async def output(self, unit: Unit, stream: Stream, offset: int, data: bytes) -> None:
        key = (unit.task_id, unit.epoch)
        assert offset == self.offsets[key, stream]
        assert key not in self.in_output, "calls of one unit overlap"
        self.in_output.add(key)
        await self.gate.wait()
        self.in_output.remove(key)
        self.offsets[key, stream] += len(data)
        self.streams[stream] += data
        self.calls.append(("output", len(data)))

    async def planned(self, unit: Unit, plan: Json) -> None:
        self.calls.append(("planned", unit.task_id))
        self.plans[unit.task_id] = plan

    async def finished(self, unit: Unit, outcome: Outcome) -> None:
        await self.finishing.wait()
        self.calls.append(("finished", unit.task_id))
        self.outcomes[unit.task_id, unit.epoch] = outcome

    async def declined(self, unit: Unit, code: str, detail: str) -> None:
        self.calls.append(("declined", unit.task_id))
        self.declines.append((code, detail))

    @property
    def words(self) -> list[str]:
        return [word for word, _ in self.calls]

    @property
    def text(self) -> str:
        return self.streams[Stream.STDOUT].decode()


class NoStages:
    """Implements ports.Stages: there are none."""

    def left(self) -> tuple[Any, ...]:
        return ()


class RunnerWorld:
    def __init__(self, runner: Runner, notebook: Notebook, state: Path) -> None:
        self.runner = runner
        self.notebook = notebook
        self.state = state

    async def done(self, message: TaskAssigned) -> Outcome:
        """Run a unit to its end."""
        await self.runner.assign(message)
        await self.ended(message)
        return self.notebook.outcomes[message.task_id, message.epoch]

    async def ended(self, message: TaskAssigned) -> None:
        await until(lambda: all(unit.task_id != message.task_id for unit in self.runner.held()))

    async def started(self) -> int:
        await until(lambda: "started" in self.notebook.words)
        return next(pid for word, pid in self.notebook.calls if word == "started")


@asynccontextmanager
async def runner_world(state: Path, **settings: Any) -> AsyncIterator[RunnerWorld]:
    notebook = Notebook()
    chosen = {"max_concurrent": 4, "hub_url": "http://127.0.0.1:1", "grace": GRACE, **settings}
    runner = Runner(notebook, RunnerSettings(state_dir=state, **chosen), registry(), NoStages())
    try:
        yield RunnerWorld(runner, notebook, state)
    finally:
        async with asyncio.timeout(DEADLINE):
            await runner.close(0.0)


def task(task_id: str = "aaaa1111-0000", *, epoch: int = 1, spec: str = "", **more: Any) -> TaskAssigned:
    """`run` and `structured` make the structured_spec; the rest are fields of the message."""
    run, structured = more.pop("run", {}), more.pop("structured", {})
    return TaskAssigned(
        task_id=task_id,
        title=more.pop("title", "a task"),
        spec=spec,
        epoch=epoch,
        structured_spec={"run": run, **structured},
        phase=more.pop("phase", Phase.EXECUTE),
        **more,
    )


def command(*argv: str, **more: Any) -> dict[str, Any]:
    return {"kind": "command", "argv": list(argv), **more}


def shell(text: str, task_id: str = "aaaa1111-0000", **more: Any) -> TaskAssigned:
    run = {"kind": "command", "shell": text, **more.pop("run", {})}
    return task(task_id, run=run, **more)


def echo(spec: str, task_id: str = "aaaa1111-0000", **more: Any) -> TaskAssigned:
    return task(task_id, spec=spec, run={"kind": "agent", "agent": "echo", **more.pop("run", {})}, **more)


def git(path: Path, *words: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-C", str(path), *words], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def repository(path: Path, files: dict[str, str] | None = None) -> Path:
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--initial-branch=main")
    git(path, "config", "user.email", "ada@example.org")
    git(path, "config", "user.name", "Ada")
    for name, text in (files or {"README.md": "hello\n"}).items():
        (path / name).write_text(text)
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message=first")
    return path
