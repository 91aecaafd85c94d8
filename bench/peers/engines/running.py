"""Processes of an engine, and one that asks it: a client in the engine's own environment, spoken to line by line."""

import asyncio
import json
import os
import subprocess
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INSIDE = HERE / "inside"
"""What runs in the environments of the engines: apart, so that no module here has the name of theirs."""
WITHIN = 300.0
READY = 60.0


class Driven:
    """A contender that another process asks: each question is a line of JSON, each answer one."""

    def __init__(self, name: str, skills: frozenset[str], variant: str, driver: asyncio.subprocess.Process) -> None:
        self.name = name
        self.skills = skills
        self._variant = variant
        self._driver = driver

    async def singles(self, count: int) -> float:
        return await self._ask("singles", count)

    async def starts(self, count: int) -> list[float]:
        return await self._ask("starts", count)

    async def chains(self, at_once: int) -> float:
        return await self._ask("chains", at_once)

    async def fan(self, width: int) -> float:
        return await self._ask("fan", width)

    async def hooks(self, clients: int, seconds: float) -> list[float]:
        return await self._ask("hooks", clients, seconds)

    async def _ask(self, what: str, *arguments: float) -> Any:
        """Raises RuntimeError, with what the other said; TimeoutError."""
        assert self._driver.stdin is not None
        question = {"what": what, "variant": self._variant, "arguments": arguments}
        self._driver.stdin.write(json.dumps(question).encode() + b"\n")
        answer = await _answer(self._driver, WITHIN)
        if "error" in answer:
            raise RuntimeError(f"{what}: {answer['error']}")
        return answer["answer"]


@asynccontextmanager
async def driver(python: Path, script: str, settings: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process that asks, once it can. Raises RuntimeError, TimeoutError."""
    process = await asyncio.create_subprocess_exec(
        str(python), str(INSIDE / script), "drive", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, **settings}, limit=1 << 24, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await _answer(process, READY)  # it says that it is ready
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@contextmanager
def server(
    folder: Path, name: str, command: list[str], settings: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the engine; what it says is kept in a file of the folder."""
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(command, env={**os.environ, **settings}, cwd=INSIDE, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def until_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return once something is served there. Raises RuntimeError, TimeoutError."""
    async with asyncio.timeout(READY):
        while not await asyncio.to_thread(_answers, url):
            if process.poll() is not None:
                raise RuntimeError(f"its server ended with {process.returncode}")
            await asyncio.sleep(0.2)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status < 400
    except OSError:
        return False


async def _answer(process: asyncio.subprocess.Process, within: float) -> Any:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), within)
    if not line:
        raise RuntimeError("its client ended")
    return json.loads(line)
