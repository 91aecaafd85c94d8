"""Frames and file descriptors over a unix socket."""

import array
import os
import socket
from collections import deque

from corral_daemon.processes.frames import Frame, Unpacker, pack

_PIECE = 1 << 16
_INT = array.array("i").itemsize
_SPACE = socket.CMSG_SPACE(16 * _INT)
_CLOSE_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)

Rights = list[tuple[int, int, bytes]]


def rights(descriptors: list[int]) -> Rights:
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors).tobytes())]


def receive(source: socket.socket, size: int = _PIECE) -> tuple[bytes, list[int]]:
    """Return what has arrived; no bytes once the other side is gone. Raises BlockingIOError."""
    try:
        data, extras, _, _ = source.recvmsg(size, _SPACE, _CLOSE_ON_EXEC)
    except BlockingIOError:
        raise
    except OSError:
        return b"", []
    received = array.array("i")
    for level, kind, body in extras:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            received.frombytes(body[: len(body) - len(body) % _INT])
    return data, received.tolist()


class Receiver:
    """`descriptors` are those that came with the frames so far, in their order."""

    def __init__(self, source: socket.socket) -> None:
        self._source = source
        self._unpacker = Unpacker()
        self.descriptors: list[int] = []

    def receive(self) -> list[Frame] | None:
        """Return the frames that are whole now; None once the other side is gone. Raises BlockingIOError."""
        data, descriptors = receive(self._source)
        self.descriptors += descriptors
        return self._unpacker.feed(data) if data else None


class Outbox:
    """Frames on their way into a non-blocking socket, each with descriptors of its own."""

    def __init__(self, target: socket.socket) -> None:
        self._target = target
        self._waiting: deque[tuple[bytes, list[int]]] = deque()

    def put(self, frame: Frame, descriptors: list[int] | None = None) -> None:
        """Queue a frame. The descriptors are duplicated, so that their owner may close them at once."""
        self._waiting.append((pack(frame), [os.dup(descriptor) for descriptor in descriptors or ()]))

    def flush(self) -> bool:
        """Send what the socket takes; return whether that was everything. Raises OSError if the other side is gone."""
        while self._waiting:
            data, descriptors = self._waiting.popleft()
            try:
                sent = self._target.sendmsg([data], rights(descriptors) if descriptors else [])
            except BlockingIOError:
                self._waiting.appendleft((data, descriptors))
                return False
            for descriptor in descriptors:
                os.close(descriptor)
            if sent < len(data):
                self._waiting.appendleft((data[sent:], []))
        return True

    def discard(self) -> None:
        while self._waiting:
            for descriptor in self._waiting.popleft()[1]:
                os.close(descriptor)
