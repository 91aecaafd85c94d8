"""Requests with their file descriptors, over a unix socket, for blocking readers and writers."""

import array
import socket
from typing import NamedTuple

from corral_daemon.processes.frames import Frame, Unpacker, pack

DESCRIPTORS = 4
"""Every request carries as many: the unit's control socket, stdin, stdout, stderr."""
_PIECE = 1 << 16
_SPACE = socket.CMSG_SPACE(4 * DESCRIPTORS * array.array("i").itemsize)
_CLOSE_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


class Parcel(NamedTuple):
    request: Frame
    descriptors: list[int]


def rights(descriptors: list[int]) -> list[tuple[int, int, bytes]]:
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors).tobytes())]


def send(to: socket.socket, parcel: Parcel) -> None:
    """Raises OSError only if the other side cannot have got the whole parcel, so that it may be sent again."""
    data = pack(parcel.request)
    sent = to.sendmsg([data], rights(parcel.descriptors))
    if sent < len(data):  # sending nothing would fail, too, when the other side has read all and closed
        to.sendall(data[sent:])


class Receiver:
    """The system joins and splits what was sent, but keeps descriptors and requests in the same order."""

    def __init__(self, source: socket.socket) -> None:
        self._source = source
        self._unpacker = Unpacker()
        self._descriptors: list[int] = []

    def receive(self) -> list[Parcel] | None:
        """Wait for bytes and return the parcels that are whole now; None once the other side is gone."""
        try:
            data, extras, _, _ = self._source.recvmsg(_PIECE, _SPACE, _CLOSE_ON_EXEC)
        except OSError:
            return None
        for level, kind, body in extras:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                received = array.array("i")
                received.frombytes(body[: len(body) - len(body) % received.itemsize])
                self._descriptors.extend(received)
        if not data:
            return None
        return [Parcel(request, self._take()) for request in self._unpacker.feed(data)]

    def _take(self) -> list[int]:
        taken, self._descriptors = self._descriptors[:DESCRIPTORS], self._descriptors[DESCRIPTORS:]
        return taken
