"""No request body beyond a limit gets as far as a parser, also where its length was not announced."""

import re
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FILE = re.compile(r"/api/v1(?:/server)?/(?:servers|sessions)/[^/]+/files/content")


class BodyLimit:
    """ASGI middleware. The error is raised where the body is read, so that it becomes a problem like any other."""

    def __init__(self, app: ASGIApp, limit: int, narrow: Mapping[str, int]) -> None:
        """`narrow`: smaller limits, by path: for what anybody may send. Files pass through and have none here."""
        self._app = app
        self._limit = limit
        self._narrow = narrow

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not (scope["method"] == "PUT" and _FILE.fullmatch(scope["path"])):
            limit = min(self._limit, self._narrow.get(scope["path"], self._limit))
            receive = _counted(receive, _announced(scope), limit)
        await self._app(scope, receive, send)


def _counted(receive: Receive, announced: int, limit: int) -> Receive:
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        if announced > limit:
            raise _too_large(limit)
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return counting


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"the request body is larger than {limit} bytes")


def _announced(scope: Scope) -> int:
    """Return the Content-Length, 0 where there is none or it is no number."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return max((int(value) for value in lengths if value.isdigit() and len(value) < 20), default=0)
