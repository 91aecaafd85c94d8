"""One stream of a process, kept in a file of the workflow's folder and in memory, both of bounded size."""

import asyncio
import os
import stat

from corral_daemon.background.lines import Lines
from corral_daemon.confined.walk import folder, hand_over
from corral_daemon.failure import NodeFailed
from corral_daemon.rooted.walk import Spot
from corral_protocol.vocabulary import ErrorClass

MOST_BYTES = 8 << 20
_BEGUN_ANEW = b"... the log was full and began anew\n"
_CHUNK = 1 << 16
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Record:
    """Writes what a pipe brings to a log, which is never a link that somebody put there."""

    def __init__(self, log: int) -> None:
        self.lines = Lines()
        self._log = log
        self._size = 0
        self._over = asyncio.Event()

    async def pump(self, pipe: int) -> None:
        """Read until the stream ends, or until `finish` and nothing is left; then close both."""
        try:
            while True:
                last = self._over.is_set()
                try:
                    data = os.read(pipe, _CHUNK)
                except BlockingIOError:
                    if last:
                        return
                    await _readable(pipe, self._over)
                    continue
                if not data:
                    return
                self.lines.take(data)
                await asyncio.to_thread(self._write, data)
        finally:
            self.lines.finish()
            os.close(pipe)
            os.close(self._log)

    def finish(self) -> None:
        """The process has ended: a stranger may hold the pipe open for ever."""
        self._over.set()

    def _write(self, data: bytes) -> None:
        if self._size + len(data) > MOST_BYTES:
            os.ftruncate(self._log, 0)
            os.lseek(self._log, 0, os.SEEK_SET)
            self._size = 0
            data = _BEGUN_ANEW + data
        while data:
            written = os.write(self._log, data)
            self._size, data = self._size + written, data[written:]


def open_logs(where: Spot) -> tuple[int, int]:
    """Return new, empty logs for standard output and error in a folder that is made. Raises NodeFailed, OSError."""
    with folder(where, make=True) as current:
        stdout = _open("stdout.log", current)
        try:
            return stdout, _open("stderr.log", current)
        except BaseException:
            os.close(stdout)
            raise


def _open(name: str, current: int) -> int:
    opened = os.open(name, _FLAGS, 0o644, dir_fd=current)
    found = os.fstat(opened)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        os.close(opened)
        raise NodeFailed(ErrorClass.BAD_INPUT, f"{name!r} is there, and is no log; remove it")
    os.ftruncate(opened, 0)
    hand_over(opened, current)
    return opened


async def _readable(pipe: int, over: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(pipe, _wake, ready)
    waiting = asyncio.ensure_future(over.wait())
    try:
        await asyncio.wait([ready, waiting], return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_reader(pipe)
        waiting.cancel()


def _wake(ready: "asyncio.Future[None]") -> None:
    if not ready.done():
        ready.set_result(None)
