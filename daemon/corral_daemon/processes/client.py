"""The daemon's side of the keeper: start a unit's process, read its output, stop its tree, learn how it ended."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from corral_daemon.processes.frames import Frame, Unpacker, pack
from corral_daemon.processes.post import rights
from corral_daemon.processes.table import COOKIE

LINGER = 0.5
"""Seconds that background processes may outlive the main process before they are stopped."""
ORPHAN_GRACE = 2.0
"""Seconds from TERM to KILL when the daemon is gone: the hub may already have given the work to somebody else."""
_CLOSED_WITHIN = 15.0
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from corral_daemon.processes.keeper import main; main()"  # tiny imports
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`environment` is complete; the cookie is added to it. `stdin` is a file to read, or nothing."""

    argv: tuple[str, ...]
    directory: str
    environment: Mapping[str, str]
    cookie: str
    stdin: str = os.devnull
    grace: float = 10.0
    linger: float = LINGER
    orphan_grace: float = ORPHAN_GRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How the main process ended, told once the whole tree is gone.

    `ordered`: it was told to stop while it lived. `left`: processes it left behind, which were stopped. `lost`: its
    warden was killed, so nobody knows.
    """

    code: int | None = None
    signal: int | None = None
    ordered: bool = False
    left: int = 0
    lost: bool = False


class SpawnFailed(Exception):
    """The process could not be started; `errno` as the system gave it."""

    def __init__(self, message: str, errno: int | None) -> None:
        super().__init__(message)
        self.errno = errno


class Child:
    """A unit's process. `stdout` and `stderr` are the reading ends of its pipes, non-blocking, for the caller to close."""

    def __init__(self, control: socket.socket, stdout: int, stderr: int) -> None:
        loop = asyncio.get_running_loop()
        self.stdout = stdout
        self.stderr = stderr
        self.started: asyncio.Future[int] = loop.create_future()
        self.ended: asyncio.Future[Exit] = loop.create_future()
        self._control = control
        self._unpacker = Unpacker()
        loop.add_reader(control, self._hear)

    def kill(self, grace: float) -> None:
        """Ask for the end of the whole tree: TERM now, KILL after `grace` seconds. Asking again may only hasten it."""
        if not self.ended.done():
            self._control.send(pack({"kill": grace}))

    def _hear(self) -> None:
        try:
            data = self._control.recv(1 << 12)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        for frame in self._unpacker.feed(data):
            for word, handler in _HANDLERS.items():
                if word in frame:
                    handler(self, frame)
        if not data:
            self._close()

    def on_pid(self, frame: Frame) -> None:
        self.started.set_result(frame["pid"])

    def on_error(self, frame: Frame) -> None:
        self.started.set_exception(SpawnFailed(frame["error"], frame["errno"]))
        self.ended.set_result(Exit())

    def on_status(self, frame: Frame) -> None:
        code = os.waitstatus_to_exitcode(frame["status"])
        self.ended.set_result(
            Exit(
                code=code if code >= 0 else None,
                signal=-code if code < 0 else None,
                ordered=frame["ordered"],
                left=frame["left"],
            )
        )

    def _close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        if not self.started.done():
            self.started.set_exception(SpawnFailed("the process that was to start it was killed", None))
        if not self.ended.done():
            self.ended.set_result(Exit(lost=True))


_HANDLERS: Mapping[str, Callable[[Child, Frame], None]] = {
    "pid": Child.on_pid,
    "error": Child.on_error,
    "status": Child.on_status,
}


class Keeper:
    """Starts the keeper process at once, and again should somebody kill it: the wardens do not need it."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._process, self._control = _start()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def spawn(self, command: Command) -> Child:
        """Start a process and return once it exists. Raises SpawnFailed."""
        try:
            child, theirs = _open(command.stdin)
        except OSError as error:
            raise SpawnFailed(error.strerror or str(error), error.errno) from error
        try:
            async with self._turn:
                await self._send(pack(_request(command)), theirs)
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        await _started(child)
        return child

    async def close(self) -> None:
        """End the keeper. Units that still run are stopped by their wardens."""
        self._control.close()
        await asyncio.to_thread(_wait, self._process)

    async def _send(self, data: bytes, descriptors: list[int]) -> None:
        try:
            sent = await self._push(lambda: self._control.sendmsg([data], rights(descriptors)))
        except (BrokenPipeError, ConnectionResetError):
            await asyncio.to_thread(self._process.wait)
            self._process, self._control = _start()
            sent = await self._push(lambda: self._control.sendmsg([data], rights(descriptors)))
        if sent < len(data):
            await asyncio.get_running_loop().sock_sendall(self._control, data[sent:])

    async def _push(self, send: Callable[[], int]) -> int:
        while True:
            try:
                return send()
            except BlockingIOError:
                await _writable(self._control)


def _start() -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    folder = str(Path(__file__).resolve().parents[2])
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _START, folder, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.defpath},
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            cwd="/",
        )
    return process, ours


def _open(stdin: str) -> tuple[Child, list[int]]:
    """Make the pipes and the control socket; return our side, and the four descriptors of the other."""
    opened: list[int] = []
    try:
        opened.append(os.open(stdin, os.O_RDONLY | os.O_CLOEXEC))
        for _ in range(2):
            opened.extend(os.pipe())
        ours, theirs = socket.socketpair()
    except OSError:
        for descriptor in opened:
            os.close(descriptor)
        raise
    ours.setblocking(False)
    source, out_read, out_write, err_read, err_write = opened
    os.set_blocking(out_read, False)
    os.set_blocking(err_read, False)
    return Child(ours, out_read, err_read), [theirs.detach(), source, out_write, err_write]


def _request(command: Command) -> Frame:
    return {
        "argv": list(command.argv),
        "directory": command.directory,
        "environment": {**command.environment, COOKIE: command.cookie},
        "cookie": command.cookie,
        "grace": command.grace,
        "linger": command.linger,
        "orphan_grace": command.orphan_grace,
    }


async def _started(child: Child) -> None:
    """Wait for the pid. Whoever stops waiting leaves nothing running and nothing open. Raises SpawnFailed."""
    try:
        await asyncio.shield(child.started)
    except BaseException:
        child.kill(0.0)
        os.close(child.stdout)
        os.close(child.stderr)
        raise


async def _writable(control: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_writer(control, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_writer(control)


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_CLOSED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
