"""A short way for requests that come by thousands: no comparing with every route, no dependencies to resolve.

It stands before the routes, among them, so that whatever is refused becomes a problem like anywhere else. What it does
not take, the framework's own route does, which also documents it: both call the same function.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Take = Callable[[Request, str], Awaitable[Response | None]]
"""Answer the request, given the middle of its path; None: by the long way. Raises Refused."""
_LONG = "corral.long_way"


class Shortcut(BaseRoute):
    """For requests by these methods whose path begins and ends so, with something between."""

    def __init__(self, methods: frozenset[str], prefix: str, suffix: str, take: Take, rest: ASGIApp) -> None:
        """`rest`: where all routes are, this one included."""
        self._methods = methods
        self._prefix = prefix
        self._suffix = suffix
        self._take = take
        self._rest = rest

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope["method"] not in self._methods or _LONG in scope:
            return Match.NONE, {}
        return (Match.FULL if self._middle(scope["path"]) else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._take(request, self._middle(scope["path"]))
        if response is not None:
            await response(scope, receive, send)
        else:
            await self._rest({**scope, _LONG: True}, _again(await request.body(), receive), send)

    def _middle(self, path: str) -> str:
        """Return what stands between, and "" where the path is another, or has more parts than that."""
        if not (path.startswith(self._prefix) and path.endswith(self._suffix)):
            return ""
        middle = path[len(self._prefix) : len(path) - len(self._suffix)]
        return "" if self._suffix and "/" in middle else middle


def _again(body: bytes, receive: Receive) -> Receive:
    """Give the body, which was read, to the next reader."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> Message:
        return first.pop() if first else await receive()

    return receiving
