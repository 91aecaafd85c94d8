"""One process in the background: its input, its logs, and how it is doing."""

import asyncio
import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corral_daemon import clock
from corral_daemon.background.record import Record, open_logs
from corral_daemon.failure import NodeFailed
from corral_daemon.processes.child import Child, SpawnFailed
from corral_daemon.processes.client import Command, Keeper
from corral_daemon.rooted.walk import Spot
from corral_protocol.vocabulary import ErrorClass

log = logging.getLogger(__name__)

GRACE = 3.0
FOLDER = ".processes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`directory`: where it runs, below the workspace or the workspace itself."""

    name: str
    command: str
    workspace: Path
    directory: str
    environment: Mapping[str, str]


class Process:
    def __init__(self, wanted: Wanted, child: Child, records: tuple[Record, Record], stdin: int) -> None:
        self.wanted = wanted
        self.pid = child.started.result()
        self.started_at = clock.unix()
        self.stdout, self.stderr = records
        self.exit_code: int | None = None
        self.status = "running"
        self._child = child
        self._stdin = stdin
        self._life = asyncio.create_task(self._live())

    @property
    def running(self) -> bool:
        return self.status == "running"

    async def stop(self) -> None:
        """End the whole tree, and return once nothing of it is left."""
        self._child.kill(GRACE)
        await asyncio.shield(self._life)

    def send(self, data: bytes) -> None:
        """Raises NodeFailed when it does not read what was sent before."""
        try:
            written = os.write(self._stdin, data)
        except BlockingIOError:
            written = 0
        if written < len(data):
            what = f"{self.wanted.name!r} does not read its input: {len(data) - written} bytes did not fit"
            raise NodeFailed(ErrorClass.UNAVAILABLE, what)

    async def _live(self) -> None:
        pumps = [
            asyncio.create_task(self.stdout.pump(self._child.stdout)),
            asyncio.create_task(self.stderr.pump(self._child.stderr)),
        ]
        ended = await asyncio.shield(self._child.ended)
        self.stdout.finish()
        self.stderr.finish()
        for failed in await asyncio.gather(*pumps, return_exceptions=True):
            if failed is not None:
                log.error("event=log_of_process_broke_off name=%s reason=%r", self.wanted.name, failed)
        os.close(self._stdin)
        self.exit_code = ended.code if ended.signal is None else -ended.signal
        self.status = "stopped" if ended.ordered else "exited"


async def start(wanted: Wanted, keeper: Keeper) -> Process:
    """Raises NodeFailed."""
    out, err = await asyncio.to_thread(open_logs, Spot(wanted.workspace, (FOLDER, wanted.name)))
    try:
        child, stdin = await _spawn(wanted, keeper)
    except BaseException:
        os.close(out)
        os.close(err)
        raise
    return Process(wanted, child, (Record(out), Record(err)), stdin)


async def _spawn(wanted: Wanted, keeper: Keeper) -> tuple[Child, int]:
    """Its input is a pipe with a name, for as long as it takes to hand it over."""
    with tempfile.TemporaryDirectory(prefix="corral-stdin-") as private:
        name = f"{private}/stdin"
        os.mkfifo(name, 0o600)
        stdin = os.open(name, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        command = Command(
            argv=("/bin/sh", "-c", wanted.command),
            directory=wanted.directory,
            environment=wanted.environment,
            cookie=clock.identity(),
            stdin=name,
            grace=GRACE,
        )
        try:
            return await keeper.spawn(command), stdin
        except SpawnFailed as error:
            os.close(stdin)
            raise NodeFailed(ErrorClass.SPAWN_FAILED, f"it cannot be started: {error}") from error
        except BaseException:
            os.close(stdin)
            raise
