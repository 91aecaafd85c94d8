"""Processes of nodes: each with its own tree, which ends when the node does."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from corral_daemon import clock
from corral_daemon.nodes.node import NodeFailed, Ran
from corral_daemon.processes.child import Child, SpawnFailed
from corral_daemon.processes.client import Command, Keeper
from corral_protocol.vocabulary import ErrorClass

GRACE = 2.0
_CHUNK = 1 << 16


class Spawner:
    """Implements nodes.node.Spawn."""

    def __init__(self) -> None:
        self._keeper: Keeper | None = None

    def keeper(self) -> Keeper:
        """Return the one that starts every process of nodes; its own costs memory: not before a node needs it."""
        self._keeper = self._keeper or Keeper()
        return self._keeper

    async def close(self) -> None:
        if self._keeper is not None:
            await self._keeper.close()

    async def __call__(
        self,
        argv: tuple[str, ...],
        *,
        directory: Path,
        environment: Mapping[str, str],
        stdin: bytes = b"",
        limit: int = 1 << 20,
    ) -> Ran:
        """Run it to its end. Being cancelled ends its whole tree. Raises NodeFailed if it cannot be started."""
        source = await asyncio.to_thread(_file, stdin) if stdin else os.devnull
        try:
            child = await self.keeper().spawn(
                Command(
                    argv=argv,
                    directory=str(directory),
                    environment=environment,
                    cookie=clock.identity(),
                    stdin=source,
                    grace=GRACE,
                )
            )
        except SpawnFailed as error:
            raise NodeFailed(ErrorClass.SPAWN_FAILED, f"{argv[0]} cannot be started: {error}") from error
        finally:
            if stdin:
                await asyncio.to_thread(os.unlink, source)
        return await _wait(child, limit)


async def _wait(child: Child, limit: int) -> Ran:
    stdout, stderr = Drain(child.stdout, limit), Drain(child.stderr, limit)
    try:
        ended = await asyncio.shield(child.ended)
    except asyncio.CancelledError:
        child.kill(0.0)
        await child.ended
        raise
    finally:
        stdout.close()
        stderr.close()
    return Ran(
        exit_code=ended.code,
        signal=ended.signal,
        stdout=bytes(stdout.kept),
        stderr=bytes(stderr.kept),
        truncated=stdout.truncated or stderr.truncated,
    )


class Drain:
    """Reads a pipe as it comes; what is beyond the limit is read too, so that nobody waits, and let go."""

    def __init__(self, descriptor: int, limit: int) -> None:
        self.kept = bytearray()
        self.truncated = False
        self._descriptor = descriptor
        self._limit = limit
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def close(self) -> None:
        """Take what is still there, and close."""
        while self._descriptor >= 0 and self._read():
            pass
        self._end()

    def _read(self) -> bool:
        """Return whether there may be more."""
        try:
            data = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self._end()
            return False
        room = self._limit - len(self.kept)
        self.kept += data[:room]
        self.truncated |= len(data) > room
        return True

    def _end(self) -> None:
        if self._descriptor >= 0:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


def _file(data: bytes) -> str:
    with NamedTemporaryFile(prefix="corral-stdin-", delete=False) as made:
        made.write(data)
    return made.name
