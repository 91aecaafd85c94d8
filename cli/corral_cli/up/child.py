"""A child process with a log file: started apart from our terminal, stopped with patience and then without."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROTATE_AT = 5_000_000
KEPT_LOGS = 3


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    process: Process
    log: Path

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    @property
    def violently_ended(self) -> bool:
        """Ended by a signal: it had no chance to clean up."""
        return (self.process.returncode or 0) < 0

    def ending(self) -> str:
        """Say how the process ended, in words."""
        code = self.process.returncode
        if code is None:
            return "is running"
        return f"ended with exit code {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"

    def last_lines(self, count: int = 12) -> list[str]:
        """Return the end of the log."""
        try:
            with self.log.open(encoding="utf-8", errors="replace") as file:
                return [line.rstrip("\n") for line in deque(file, maxlen=count)]
        except OSError:
            return []

    async def stop(self, number: signal.Signals, patience: float) -> bool:
        """Signal, wait `patience` seconds, KILL everything in its session. Return whether it went by itself."""
        if not self.alive:
            return True
        self.process.send_signal(number)
        try:
            await asyncio.wait_for(self.process.wait(), patience)
        except TimeoutError:
            self.kill()
            await self.process.wait()
            return False
        return True

    def kill(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


async def start(name: str, argv: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
    """Start a child in a session of its own, so that Ctrl-C reaches only us and we decide who stops when."""
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    rotate(log)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=DEVNULL, stdout=descriptor, stderr=STDOUT, env=dict(environment), start_new_session=True
        )
    finally:
        os.close(descriptor)
    return Child(name, process, log)


def rotate(log: Path, limit: int = ROTATE_AT, kept: int = KEPT_LOGS) -> None:
    """Move a log that has grown past `limit` bytes aside: `hub.log` → `hub.log.1` → … up to `kept` old ones."""
    if not log.exists() or log.stat().st_size < limit:
        return
    for number in range(kept - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    log.replace(log.with_name(f"{log.name}.1"))
