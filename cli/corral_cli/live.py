"""News from the hub's dashboard socket, used as a reason to look again; without the socket, polling.

The socket never carries the truth here: a caller asks `wait_for_news`, then reads over HTTP. So nothing is lost by a
reconnect, and a hub without the socket only makes things slower.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from corral_cli import clock
from corral_cli.client import Client
from corral_cli.lazy import lazy
from corral_cli.text import to_json

if TYPE_CHECKING:
    import websockets.exceptions as ws_exceptions
    import websockets.sync.client as ws_client
else:
    ws_exceptions = lazy("websockets.exceptions")
    ws_client = lazy("websockets.sync.client")

POLL = 2.0
"""Seconds between looks while the socket is down."""
SAFETY = 15.0
"""Seconds between looks while the socket is up: news can be filtered out by rights, the task is still worth a look."""
_FIRST_BACKOFF, _LAST_BACKOFF = 1.0, 30.0
_HANDSHAKE = 5.0


def backoff(failures: int, chance: float) -> float:
    """Return seconds until the next try, with full jitter; `chance` is from [0, 1)."""
    return _FIRST_BACKOFF + chance * min(_LAST_BACKOFF - _FIRST_BACKOFF, _FIRST_BACKOFF * 2 ** min(failures, 10))


def socket_url(hub_url: str, path: str = "/ws/dashboard") -> str:
    scheme, _, rest = hub_url.partition("://")
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest.rstrip('/')}{path}"


class News:
    """Tells when something happened to the tasks, or the runs, named. Use it in a `with`."""

    gather = 0.0
    """Seconds in which more is waited for once something has come: what happens together is one reason to look."""

    def __init__(self, client: Client, task_ids: Sequence[str] = (), run_ids: Sequence[str] = ()) -> None:
        self._url = socket_url(client.hub_url)
        self._token = client.credential.api_key or client.credential.token
        self._named = {"task_ids": list(task_ids), **({"run_ids": list(run_ids)} if run_ids else {})}
        self._socket: ws_client.ClientConnection | None = None
        self._stack = ExitStack()
        self._failures = 0
        self._next_try = 0.0

    def wait_for_news(self, seconds: float) -> None:
        """Return when there is news, or after `seconds`, or when it is time to look anyway."""
        self._connect()
        if self._socket is None:
            clock.sleep(max(0.0, min(seconds, self.pause())))
            return
        try:
            self._socket.recv(timeout=max(0.0, min(seconds, SAFETY)))
            self._drain()
        except TimeoutError:
            return
        except (ws_exceptions.ConnectionClosed, OSError) as error:
            _keep_interrupt(error)
            self._drop()

    def pause(self) -> float:
        """Return seconds until the next look while the socket is down."""
        return POLL

    def close(self) -> None:
        self._socket = None
        self._stack.close()

    def __enter__(self) -> Self:
        self._connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connect(self) -> None:
        if self._socket is not None or self._token is None or clock.monotonic() < self._next_try:
            return
        try:
            socket = self._stack.enter_context(
                ws_client.connect(self._url, open_timeout=_HANDSHAKE, close_timeout=1, proxy=None)
            )
            socket.send(to_json({"type": "auth", "token": self._token, **self._named}, None))
            admitted = '"auth_ok"' in str(socket.recv(timeout=_HANDSHAKE))
        except (OSError, ws_exceptions.WebSocketException) as error:
            _keep_interrupt(error)
            admitted, socket = False, None
        if admitted:
            self._socket, self._failures = socket, 0
        else:
            self._drop()

    def _drain(self) -> None:
        """Throw away what else arrives: one look at the hub covers it all."""
        until = clock.monotonic() + self.gather
        for _ in range(1000):
            if self._socket is None:
                return
            try:
                self._socket.recv(timeout=max(0.0, until - clock.monotonic()))
            except TimeoutError:
                return

    def _drop(self) -> None:
        self.close()
        self._next_try = clock.monotonic() + backoff(self._failures, clock.jitter())
        self._failures += 1


def _keep_interrupt(error: BaseException) -> None:
    """Raise KeyboardInterrupt if `error` hides one: the library's clean-up may raise its own error over Ctrl-C."""
    hidden: BaseException | None = error
    while hidden is not None:
        if isinstance(hidden, KeyboardInterrupt):
            raise hidden
        hidden = hidden.__context__
