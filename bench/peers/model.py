"""One other terminal server: how it is started, and how its clients speak."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.processes import free_port, until_listening
from bench.viewer import Plain, Socket

Say = Callable[[str], None]


class Terminado:
    """JSON arrays in text."""

    def __init__(self, port: int) -> None:
        self._socket = Socket(port, "/viewer")

    def type(self, data: bytes) -> None:
        self._socket.send(json.dumps(["stdin", data.decode()]))

    def read(self) -> bytes:
        while True:
            said = json.loads(self._socket.receive())
            if said[0] == "stdout":
                return str(said[1]).encode()

    def close(self) -> None:
        self._socket.close()


class Ttyd:
    """A letter, then bytes."""

    def __init__(self, port: int) -> None:
        self._socket = Socket(port, "/ws", "tty")
        self._socket.send(b'{"AuthToken":"","columns":80,"rows":24}')

    def type(self, data: bytes) -> None:
        self._socket.send(b"0" + data)

    def read(self) -> bytes:
        while True:
            data = self._socket.receive()
            if data[:1] == b"0":
                return data[1:]

    def close(self) -> None:
        self._socket.close()


@dataclass(frozen=True, slots=True)
class Peer:
    """`command` is followed by a port and what to run."""

    name: str
    command: tuple[str, ...]
    client: Callable[[int], Plain | Terminado | Ttyd]

    @contextmanager
    def running(self, command: list[str]) -> Iterator[tuple[Plain | Terminado | Ttyd, int]]:
        """A terminal in which `command` runs, and the pid of its server."""
        port = free_port()
        server = subprocess.Popen(
            [*self.command, str(port), *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            until_listening(port)
            terminal = self.client(port)
            yield terminal, server.pid
            terminal.close()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
