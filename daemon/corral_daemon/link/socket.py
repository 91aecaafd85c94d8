"""Keep one connection to the hub, for ever."""

import asyncio
import logging
import ssl
from dataclasses import dataclass

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from corral_daemon import clock
from corral_daemon.errors import Superseded
from corral_daemon.link import liveness, resume
from corral_daemon.link.conversation import Conversation, GreetingFailed, House, HubSilent, greet
from corral_daemon.link.wire import Wire
from corral_protocol.to_daemon import AuthOk

log = logging.getLogger(__name__)

MAX_FRAME = 32 << 20
OPEN_WITHIN = 10.0
CLOSE_WITHIN = 2.0
STEADY_AFTER = 10.0
"""A connection that lived this long (seconds), or on which the hub took something from us, was a good one: the next
pause starts small again."""
MOST_AFTER_WELCOME = 3
"""Failures that are remembered when a hub has let us in, however short it lasted: it is there, and wants us back."""

FAILURES = (
    OSError, TimeoutError, WebSocketException, GreetingFailed,
    ImportError,  # the environment names a SOCKS proxy, for which a library is missing
)  # fmt: skip
HINTS = {
    resume.AUTH_REFUSED: "the hub does not know this key; enrol again with `corral join TOKEN`",
    resume.SUPERSEDED: "a connection with the same key took over",
}
UNTRUSTED = "the hub's certificate is not trusted here: install its CA on this machine, or set SSL_CERT_FILE to it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    hub_url: str
    api_key: str
    version: str

    def __repr__(self) -> str:
        return f"Credentials(hub_url={self.hub_url!r})"


class Link:
    """`connected` is set while a connection is good; `changed` is set whenever that may have turned."""

    def __init__(self, credentials: Credentials, house: House) -> None:
        self._credentials = credentials
        self._house = house
        self._failures = 0
        self._last_contact: float | None = None
        self._abandoned_at: float | None = None
        self.connected = asyncio.Event()
        self.changed = asyncio.Event()
        self.problem: str | None = None

    async def run(self) -> None:
        """Connect, talk, connect again. Raises Superseded when another daemon took our place."""
        while True:
            code, self.problem = await self._attempt()
            self._turned(False)
            move = resume.after_close(code, self._failures, self._abandoned_ago(), clock.chance())
            if isinstance(move, resume.Stop):
                raise Superseded("another daemon with the same API key has connected; this one stops")
            log.warning(
                "event=disconnected code=%s reason=%r again_in=%.1fs hint=%r",
                code,
                self.problem,
                move.pause,
                _hint(code, self.problem),
            )
            await asyncio.sleep(move.pause)

    async def _attempt(self) -> tuple[int | None, str]:
        """Live through one connection; return its close code, if any, and why it ended."""
        self._failures += 1
        try:
            socket = await self._open()
        except FAILURES as error:
            return None, _describe(error)
        try:
            return await self._use(socket)
        finally:
            await asyncio.shield(_close(socket))

    async def _open(self) -> Wire:
        url = resume.socket_url(self._credentials.hub_url)
        made = await connect(
            url,
            create_connection=Wire,
            open_timeout=OPEN_WITHIN,
            close_timeout=CLOSE_WITHIN,
            max_size=MAX_FRAME,
            compression=None,
            ping_interval=None,  # liveness.py does that, with an answer from the hub's application
            proxy=None if resume.is_loopback(url) else True,
            ssl=ssl.create_default_context() if url.startswith("wss:") else None,
        )
        assert isinstance(made, Wire)
        return made

    async def _use(self, socket: Wire) -> tuple[int | None, str]:
        key = self._credentials
        try:
            hello = await greet(socket, key.api_key, key.version, self._house.spool.spool_id)
        except FAILURES as error:
            if socket.close_code is None:
                self._abandoned_at = clock.steady()
            return socket.close_code, _describe(error)
        begin = clock.steady()
        self._failures = min(self._failures, MOST_AFTER_WELCOME)
        self._welcome(hello, begin)
        start = resume.resume(hello.acked_seq, self._house.spool.last_seq)
        if isinstance(start, resume.Rename):
            log.error("event=spool_set_back hub_seq=%d own_seq=%d", start.hub_seq, self._house.spool.last_seq)
            await self._house.spool.rename()
            return None, "the spool was renamed"
        self._house.spool.ack(start.after)
        self._turned(True)
        reason = await self._talk(Conversation(self._house, socket, hello, start.after, self._hear))
        if clock.steady() - begin >= STEADY_AFTER or self._house.spool.acked > start.after:
            self._failures = 1
        return socket.close_code, reason

    async def _talk(self, conversation: Conversation) -> str:
        reason = "ended"
        try:
            await conversation.run()
        except* (ConnectionClosed, HubSilent, OSError) as group:
            reason = _describe(_first(group))
        return reason

    def _welcome(self, hello: AuthOk, now: float) -> None:
        away = liveness.was_away(self._last_contact, now, hello.offline_after)
        if away is not None:
            log.warning(
                "event=was_away seconds=%.0f offline_after=%.0f note=%r",
                away,
                hello.offline_after,
                "the hub may have given our work away; what is stale it will refuse",
            )
        self._hear(now)
        log.info("event=connected server=%s acked_seq=%d spooled_to=%d", hello.server_name, hello.acked_seq,
                 self._house.spool.last_seq)  # fmt: skip

    def _hear(self, now: float) -> None:
        self._last_contact = now

    def _abandoned_ago(self) -> float | None:
        return None if self._abandoned_at is None else clock.steady() - self._abandoned_at

    def _turned(self, connected: bool) -> None:
        if connected:
            self.problem = None
            self.connected.set()
        else:
            self.connected.clear()
        self.changed.set()


async def _close(socket: Wire) -> None:
    await socket.close()


def _hint(code: int | None, problem: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in problem:
        return UNTRUSTED
    return HINTS.get(code or 0, "waiting for the hub; work goes on and is kept on disk")


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
