"""From an address to a connection that the hub has let in. This blocks; during a session it runs in a thread."""

import os
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake
from websockets.uri import parse_uri

from corral_cli.errors import CliError, NotPermitted, Unreachable
from corral_cli.live import socket_url
from corral_cli.terminal.wire import Gone, Wire
from corral_cli.text import to_json

PATIENCE = 10.0
_LARGEST = 16 << 20
"""Bytes of one message: a snapshot of a very large screen fits."""
_REFUSED = 4401
_UNHEARD = 20_000
"""Milliseconds for which what we sent may stay unacknowledged."""


def dial(hub_url: str, token: str, session_id: str) -> Wire:
    """Return a connection that is logged in. Raises Unreachable, NotPermitted.

    The socket also tells news of tasks; asking for those of a task that is none keeps them out of the way.
    """
    login = {"type": "auth", "token": token, "binary": True, "task_ids": [session_id]}
    return connect(hub_url, "/ws/dashboard", login)


def connect(hub_url: str, path: str, login: Mapping[str, Any]) -> Wire:
    """Return a connection to one of the hub's sockets. Raises Unreachable, NotPermitted."""
    try:
        wire = _open(socket_url(hub_url, path))
        try:
            wire.send(to_json(login, None))
            _expect_welcome(wire)
        except BaseException:
            wire.hang_up()
            raise
    except Gone as gone:
        raise _refusal(hub_url, gone) from gone
    except OSError as error:
        raise Unreachable(f"the hub at {hub_url} cannot be reached: {error.strerror or error}") from error
    except InvalidHandshake as error:
        raise Unreachable(
            f"{hub_url} does not open a terminal connection: {error}",
            code="not_a_hub",
            hint="A proxy on the way must pass WebSockets on; `corral doctor` looks at the rest.",
        ) from error
    return wire


def _open(url: str) -> Wire:
    parts = urlsplit(url)
    secure = parts.scheme == "wss"
    sock = socket.create_connection((parts.hostname or "", parts.port or (443 if secure else 80)), PATIENCE)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # a key that nobody acknowledges: the network has changed
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNHEARD)
        if secure:
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=parts.hostname)
        protocol = ClientProtocol(parse_uri(url), max_size=_LARGEST)
        protocol.send_request(protocol.connect())
        sock.sendall(b"".join(protocol.data_to_send()))
        while not protocol.events_received() and protocol.handshake_exc is None:
            data = sock.recv(1 << 16)
            protocol.receive_data(data) if data else protocol.receive_eof()
        if protocol.handshake_exc is not None:
            raise protocol.handshake_exc
    except BaseException:
        sock.close()
        raise
    return Wire(sock, protocol)


def _expect_welcome(wire: Wire) -> None:
    """Wait for the answer to the login. The hub says nothing else before it is asked for something."""
    while not (messages := wire.receive()):
        pass
    if '"auth_ok"' not in str(messages[0]):
        raise Gone("the login was refused", _REFUSED)
    wire.unblock()


def _refusal(hub_url: str, gone: Gone) -> CliError:
    if gone.code == _REFUSED:
        return NotPermitted(f"the hub at {hub_url} does not accept your login any more", code="login_refused")
    return Unreachable(f"the hub at {hub_url} hung up: {gone.why}")


class Dialling:
    """One attempt in the background. `fileno` becomes readable when it has come to something."""

    def __init__(self, attempt: Callable[[], Wire]) -> None:
        self._attempt = attempt
        self._outcome: Wire | CliError | None = None
        self._abandoned = self._over = False
        self._lock = threading.Lock()
        self._done, self._tell = os.pipe()
        threading.Thread(target=self._run, daemon=True).start()

    def fileno(self) -> int:
        return self._done

    def result(self) -> Wire:
        """Return the connection once it is there. Raises what the attempt raised."""
        os.close(self._done)
        if isinstance(self._outcome, Wire):
            return self._outcome
        raise self._outcome or Unreachable("the attempt to connect came to nothing")

    def abandon(self) -> None:
        """Nobody waits any more: whatever it comes to is dropped."""
        with self._lock:
            self._abandoned = True
            if self._over:
                self._hang_up()
        os.close(self._done)

    def _run(self) -> None:
        try:
            self._outcome = self._attempt()
        except CliError as error:
            self._outcome = error
        finally:
            with self._lock:
                self._over = True
                if self._abandoned:
                    self._hang_up()
            os.close(self._tell)

    def _hang_up(self) -> None:
        if isinstance(self._outcome, Wire):
            self._outcome.hang_up()
