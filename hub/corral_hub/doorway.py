"""What every request passes on its way in, and every answer on its way out: for the hub by name, from no other page."""

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corral_hub.errors import Forbidden, Misdirected, Refused
from corral_hub.gateway.origin import is_allowed, is_ours, known_names
from corral_hub.problems import problem
from corral_hub.settings import Settings

# Answers hold credentials and what people wrote: nothing keeps them, guesses what they are, or shows them in a frame.
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class Doorway:
    """ASGI middleware, for HTTP and WebSockets alike."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._url = settings.url
        self._names = known_names(settings.url, f"http://{settings.host}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._find_refusal(scope["headers"])
        if refusal is None:
            await self._app(scope, receive, _hardened(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before the handshake is done: HTTP 403
        else:
            await problem(refusal)(scope, receive, _hardened(send))

    def _find_refusal(self, headers: Sequence[tuple[bytes, bytes]]) -> Refused | None:
        hosts, origins = _values(headers, b"host"), _values(headers, b"origin")
        if len(hosts) > 1 or not all(is_ours(host, self._names) for host in hosts):
            return Misdirected(
                "unknown_host",
                f"this hub does not answer to {', '.join(hosts)[:100]!r}",
                "use its address, or set CORRAL_PUBLIC_URL to the name that people and machines use",
            )
        host = hosts[0] if hosts else None
        if not all(is_allowed(origin, host, self._url) for origin in origins):
            detail = f"a page of {', '.join(origins)[:100]!r} may not ask this hub"
            return Forbidden("foreign_origin", detail, "ask from the hub's own pages, or from a program")
        return None


def _values(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key == name]


def _hardened(send: Send) -> Send:
    async def hardening(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return hardening
