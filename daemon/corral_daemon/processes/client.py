"""The daemon's side of the keeper: start units."""

import asyncio
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corral_daemon.processes.child import Child, SpawnFailed
from corral_daemon.processes.frames import Frame, pack
from corral_daemon.processes.post import receive, rights
from corral_daemon.processes.table import COOKIE

LINGER = 0.5
"""Seconds that background processes may outlive the main process before they are stopped."""
ORPHAN_GRACE = 2.0
"""Seconds from TERM to KILL when the daemon is gone: the hub may already have given the work to somebody else."""
_CLOSED_WITHIN = 15.0
_START = "import sys; sys.path.insert(0, sys.argv[1]); from corral_daemon.processes.keeper import main; main()"
_FRUITLESS = 3
"""Keepers that may end in a row without having given a warden, before we stop starting new ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`environment` is complete; the cookie is added to it. `stdin` is a file to read, a descriptor, or nothing."""

    argv: tuple[str, ...]
    directory: str
    environment: Mapping[str, str]
    cookie: str
    stdin: str | int = os.devnull
    grace: float = 10.0
    linger: float = LINGER
    orphan_grace: float = ORPHAN_GRACE


class Keeper:
    """Starts the keeper process at once, and again should somebody kill it: the wardens do not need it."""

    def __init__(self) -> None:
        self._wardens: asyncio.Queue[socket.socket | None] = asyncio.Queue()
        self._fruitless = 0
        self._process, self._control = _start()
        self._listen()
        self._order_warden()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def spawn(self, command: Command) -> Child:
        """Start a process and return once it exists. Raises SpawnFailed."""
        late = not self._wardens.empty()  # the next fork must not compete with this start
        if not late:
            self._order_warden()
        try:
            return await self._spawn(command)
        except OSError as error:
            raise SpawnFailed(error.strerror or str(error), error.errno) from error
        finally:
            if late:
                self._order_warden()

    async def close(self) -> None:
        """End the keeper. Units that still run are stopped by their wardens. Closing again does nothing."""
        if self._control.fileno() < 0:
            return
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        while not self._wardens.empty():
            _dismiss(self._wardens.get_nowait())
        await asyncio.to_thread(_wait, self._process)

    async def _spawn(self, command: Command) -> Child:
        stdio = _open(command.stdin)
        try:
            control = await self._give(pack(_request(command)), stdio.theirs)
        except BaseException:
            stdio.close_ours()
            raise
        finally:
            stdio.close_theirs()
        child = Child(control, stdio.stdout, stdio.stderr)
        await child.wait_started()
        return child

    async def _give(self, data: bytes, descriptors: list[int]) -> socket.socket:
        """Give a request to the next warden that lives; return its socket. Raises SpawnFailed."""
        while True:
            control = await self._wardens.get()
            if control is None:
                raise SpawnFailed("this machine has no room for another process", errno.EAGAIN)
            try:
                sent = control.sendmsg([data], rights(descriptors))
                if sent < len(data):  # sending nothing would fail, too, when the unit has ended already
                    await asyncio.get_running_loop().sock_sendall(control, data[sent:])
            except (BrokenPipeError, ConnectionResetError):
                control.close()  # somebody killed it while it waited
                self._order_warden()
            except BaseException:
                control.close()
                raise
            else:
                return control

    def _order_warden(self) -> None:
        try:
            self._control.send(b"n")
        except (BrokenPipeError, ConnectionResetError):
            self._restart()
            self._control.send(b"n")

    def _restart(self) -> None:
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        self._process.wait()
        self._process, self._control = _start()
        self._listen()

    def _listen(self) -> None:
        asyncio.get_running_loop().add_reader(self._control, self._hear)

    def _hear(self) -> None:
        """One byte carries one warden."""
        try:
            data, descriptors = receive(self._control, 1)
        except BlockingIOError:
            return
        if not data:
            self._mourn()
        for descriptor in descriptors:
            self._fruitless = 0
            control = socket.socket(fileno=descriptor)
            control.setblocking(False)
            self._wardens.put_nowait(control)
        if data and not descriptors:
            self._wardens.put_nowait(None)

    def _mourn(self) -> None:
        """The keeper ended without us. Whoever waits for a warden gets one of the next keeper, or an error."""
        self._fruitless += 1
        if self._fruitless <= _FRUITLESS:
            self._restart()
            self._order_warden()
        else:
            asyncio.get_running_loop().remove_reader(self._control)
            self._wardens.put_nowait(None)


def _dismiss(warden: socket.socket | None) -> None:
    if warden is not None:
        warden.close()


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


@dataclass(frozen=True, slots=True)
class Stdio:
    """The pipes of a child: our ends, and what the child gets as stdin, stdout and stderr."""

    stdout: int
    stderr: int
    theirs: list[int]

    def close_ours(self) -> None:
        os.close(self.stdout)
        os.close(self.stderr)

    def close_theirs(self) -> None:
        for descriptor in self.theirs:
            os.close(descriptor)


def _open(stdin: str | int) -> Stdio:
    opened: list[int] = []
    try:
        opened.append(os.dup(stdin) if isinstance(stdin, int) else os.open(stdin, os.O_RDONLY | os.O_CLOEXEC))
        opened.extend(os.pipe())
        opened.extend(os.pipe())
    except OSError:
        for descriptor in opened:
            os.close(descriptor)
        raise
    source, out_read, out_write, err_read, err_write = opened
    os.set_blocking(out_read, False)
    os.set_blocking(err_read, False)
    return Stdio(out_read, err_read, [source, out_write, err_write])


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


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_CLOSED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
