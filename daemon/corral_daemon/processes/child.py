"""A running unit's process as the daemon sees it, through the socket of its warden."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Mapping

from corral_daemon.processes.ending import Exit
from corral_daemon.processes.frames import Frame, pack
from corral_daemon.processes.post import Receiver


class SpawnFailed(Exception):
    """The process could not be started; `errno` as the system gave it."""

    def __init__(self, message: str, errno: int | None) -> None:
        super().__init__(message)
        self.errno = errno


class Child:
    """A unit's process. `stdout` and `stderr` are our ends of its pipes: non-blocking, for the caller to close."""

    def __init__(self, control: socket.socket, stdout: int, stderr: int) -> None:
        loop = asyncio.get_running_loop()
        self.stdout = stdout
        self.stderr = stderr
        self.started: asyncio.Future[int] = loop.create_future()
        self.started.add_done_callback(lambda started: started.exception())  # also where nobody waits any more
        self.ended: asyncio.Future[Exit] = loop.create_future()
        self._control = control
        self._receiver = Receiver(control)
        loop.add_reader(control, self._hear)

    async def wait_started(self) -> int:
        """Return the pid. Whoever stops waiting leaves nothing running and nothing open. Raises SpawnFailed."""
        try:
            return await asyncio.shield(self.started)
        except BaseException:
            self.kill(0.0)
            self.close_pipes()
            raise

    def close_pipes(self) -> None:
        os.close(self.stdout)
        os.close(self.stderr)

    def kill(self, grace: float) -> None:
        """Ask for the end of the whole tree: TERM now, KILL after `grace` seconds. Asking again may only hasten it."""
        if not self.ended.done():
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its warden was killed; we hear of that
                self._control.send(pack({"kill": grace}))

    def _hear(self) -> None:
        try:
            frames = self._receiver.receive()
        except BlockingIOError:
            return
        for frame in frames or ():
            for word, handler in _HANDLERS.items():
                if word in frame:
                    handler(self, frame)
        if frames is None:
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
