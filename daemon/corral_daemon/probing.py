"""Measure what this machine can do: run the probes, each again when its answer has grown old, announce changes.

A probe is one file in `probes/` with one function under `@probe(name, ttl=seconds)`; nothing else has to know it.
"""

import asyncio
import importlib
import logging
import pkgutil
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

from corral_daemon import clock
from corral_daemon.capabilities import Declared, Found, merge
from corral_protocol.capabilities import Capabilities

log = logging.getLogger(__name__)

COMMAND_WITHIN = 10.0
PROBE_WITHIN = 60.0
AT_ONCE = 4


class Bench:
    """What a probe may use."""

    def __init__(self, declared: Declared, at_once: int = AT_ONCE) -> None:
        self.declared = declared
        self._places = asyncio.Semaphore(at_once)  # a machine with two cores starts ten version commands badly

    def which(self, program: str) -> str | None:
        return shutil.which(program)

    async def run(self, *argv: str, within: float = COMMAND_WITHIN) -> str | None:
        """Return what the command printed (both streams), or None if it is missing, fails or takes too long."""
        async with self._places:
            try:
                process = await asyncio.create_subprocess_exec(
                    *argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError:
                return None
            return await _outcome(process, within)


async def _outcome(process: asyncio.subprocess.Process, within: float) -> str | None:
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), within)
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return printed.decode("utf-8", "replace") if process.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class Probe:
    """`ttl`: seconds for which an answer holds."""

    name: str
    ttl: float
    ask: Callable[[Bench], Awaitable[Found]]


def probe(name: str, *, ttl: float) -> Callable[[Callable[[Bench], Awaitable[Found]]], Probe]:
    """Declare an async function from Bench to Found as a probe."""
    return lambda ask: Probe(name, ttl, ask)


def discover(package: ModuleType) -> tuple[Probe, ...]:
    """Return the probes of every file in `package`. A file that cannot be imported is logged and left out."""
    found: list[Probe] = []
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        name = f"{package.__name__}.{module.name}"
        try:
            loaded = importlib.import_module(name)
        except Exception:  # a stranger's file must not take the daemon down; it is reported
            log.exception("event=probe_not_loaded file=%s", name)
            continue
        found += [value for value in vars(loaded).values() if isinstance(value, Probe)]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe said last; `problem` says why it said nothing. A failed probe keeps what it found before."""

    found: Found
    problem: str | None = None


class Prober:
    """Implements link.Abilities. `complete` is set once every probe has answered."""

    def __init__(self, probes: Sequence[Probe], bench: Bench, max_concurrent: int) -> None:
        self._probes = probes
        self._bench = bench
        self._max_concurrent = max_concurrent
        self._answers: dict[str, Answer] = {}
        self._news = asyncio.Condition()
        self.complete = asyncio.Event()

    def current(self) -> Capabilities:
        found = [answer.found for answer in self._answers.values()]
        return merge(found, self._bench.declared, self._max_concurrent)

    def problems(self) -> Mapping[str, str]:
        return {name: answer.problem for name, answer in self._answers.items() if answer.problem}

    async def changed(self, known: Capabilities) -> Capabilities:
        """Return the capabilities once they differ from `known`."""
        async with self._news:
            await self._news.wait_for(lambda: self.current() != known)
            return self.current()

    async def again(self, name: str) -> None:
        """Run one probe now: what it measures has changed."""
        for item in self._probes:
            if item.name == name:
                await self._ask(item)

    async def offer(self, max_concurrent: int) -> None:
        """Change how many units may run here: 0 while draining."""
        self._max_concurrent = max_concurrent
        async with self._news:
            self._news.notify_all()

    async def once(self) -> None:
        """Run every probe once."""
        await asyncio.gather(*(self._ask(item) for item in self._probes))
        self.complete.set()

    async def run(self) -> None:
        """Run every probe, again and again; never returns."""
        await self.once()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(asyncio.Event().wait())
            for item in self._probes:
                tasks.create_task(self._repeat(item))

    async def _repeat(self, item: Probe) -> None:
        while True:
            await asyncio.sleep(item.ttl * (0.9 + 0.2 * clock.chance()))
            await self._ask(item)

    async def _ask(self, item: Probe) -> None:
        before = self._answers.get(item.name, Answer(Found()))
        try:
            async with asyncio.timeout(PROBE_WITHIN):
                answer = Answer(await item.ask(self._bench))
        except Exception as error:  # noqa: BLE001 - whatever a probe trips over, the others go on; it is reported
            problem = f"{type(error).__name__}: {error}"
            log.warning("event=probe_failed name=%s reason=%r", item.name, problem)
            answer = Answer(before.found, problem)
        async with self._news:
            self._answers[item.name] = answer
            self._news.notify_all()
