"""Every process in the background of this machine, by workflow and name."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from corral_daemon.background.process import Process, Wanted, start
from corral_daemon.failure import NodeFailed
from corral_daemon.processes.client import Keeper
from corral_protocol.vocabulary import ErrorClass

MOST_RUNNING = 10
MOST_KNOWN = 50
"""Of one workflow; how the oldest of those that have ended ended is forgotten beyond that."""


class Background:
    """`keeper` gives the one that starts processes, once there is one to start."""

    def __init__(self, keeper: Callable[[], Keeper]) -> None:
        self._keeper = keeper
        self._known: dict[Path, dict[str, Process]] = {}
        self._turns: dict[Path, asyncio.Lock] = {}

    async def start(self, wanted: Wanted) -> Process:
        """Raises NodeFailed: the name is taken by one that runs, or too many run."""
        async with self._turns.setdefault(wanted.workspace, asyncio.Lock()):
            return await self._start(wanted)

    async def restart(self, workspace: Path, name: str) -> Process:
        """Raises NodeFailed."""
        async with self._turns.setdefault(workspace, asyncio.Lock()):
            before = self.get(workspace, name)
            if before.running:
                await before.stop()
            return await self._start(before.wanted)

    def get(self, workspace: Path, name: str) -> Process:
        """Raises NodeFailed."""
        known = self._known.get(workspace, {})
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            raise NodeFailed(ErrorClass.BAD_INPUT, f"there is no process {name!r} here; there are: {there}")
        return known[name]

    def of(self, workspace: Path) -> list[Process]:
        return list(self._known.get(workspace, {}).values())

    async def close(self) -> None:
        """End all of them."""
        running = [process for known in self._known.values() for process in known.values() if process.running]
        await asyncio.gather(*(process.stop() for process in running))

    async def _start(self, wanted: Wanted) -> Process:
        known = self._known.setdefault(wanted.workspace, {})
        if wanted.name in known and known[wanted.name].running:
            what = f"{wanted.name!r} runs already; stop or restart it, or choose another name"
            raise NodeFailed(ErrorClass.BAD_INPUT, what)
        if sum(process.running for process in known.values()) >= MOST_RUNNING:
            raise NodeFailed(ErrorClass.BAD_INPUT, f"{MOST_RUNNING} processes of this workflow run already; stop one")
        known.pop(wanted.name, None)
        process = known[wanted.name] = await start(wanted, self._keeper())
        ended = [name for name, other in known.items() if not other.running]
        for name in ended[: max(0, len(known) - MOST_KNOWN)]:
            del known[name]
        return process
