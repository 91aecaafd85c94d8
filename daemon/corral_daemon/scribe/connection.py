"""One scribe process, and the socket to it."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from corral_daemon.processes.post import Outbox, Receiver
from corral_daemon.scribe.messages import FROM_SCRIBE, Answer, News, ToScribe
from corral_protocol import codec

_START = "import sys; sys.path[:0] = sys.argv[1:-1]; from corral_daemon.scribe.process import main; main()"
_PACKAGES = ("corral_daemon", "corral_protocol", "wcwidth")
_ENDS_WITHIN = 5.0


class Connection:
    """`hear` is called with all it says, `mourn` once the process has ended without having been told to."""

    def __init__(self, hear: Callable[[Answer | News], None], mourn: Callable[[], None]) -> None:
        self._hear = hear
        self._mourn = mourn
        self._process, self._control = _start()
        self._receiver, self._outbox = Receiver(self._control), Outbox(self._control)
        self._writing = False
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._control, self._receive)

    @property
    def pid(self) -> int:
        return self._process.pid

    def say(self, message: ToScribe, descriptors: list[int] | None = None) -> None:
        """Queue a message and send what can be sent at once. The descriptors are duplicated."""
        self._outbox.put(codec.encode(message), descriptors)
        if not self._writing:
            self._flush()

    async def close(self) -> None:
        self._disconnect()
        await asyncio.to_thread(_wait, self._process)

    def _flush(self) -> None:
        try:
            done = self._outbox.flush()
        except OSError:  # it is gone, which is noticed where it is listened to
            self._outbox.discard()
            done = True
        if done and self._writing:
            self._loop.remove_writer(self._control)
        elif not done and not self._writing:
            self._loop.add_writer(self._control, self._flush)
        self._writing = not done

    def _receive(self) -> None:
        try:
            frames = self._receiver.receive()
        except BlockingIOError:
            return
        if frames is None:
            self._disconnect()
            self._process.kill()  # it has ended, or does nothing any more
            self._process.wait()
            self._mourn()
        for frame in frames or ():
            self._hear(codec.decode_tagged(FROM_SCRIBE, frame))

    def _disconnect(self) -> None:
        self._loop.remove_reader(self._control)
        self._loop.remove_writer(self._control)
        self._outbox.discard()
        self._control.close()


def _start() -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    specs = (find_spec(package) for package in _PACKAGES)
    roots = {str(Path(spec.origin).resolve().parents[1]) for spec in specs if spec and spec.origin}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _START, *roots, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.defpath},
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            cwd="/",
        )
    return process, ours


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
