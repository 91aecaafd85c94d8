"""No request body beyond a limit gets as far as a parser, also where its length was not announced."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """ASGI middleware. The error is raised where the body is read, so that it becomes a problem like any other."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limited = self._counted(receive, _announced(scope)) if scope["type"] == "http" else receive
        await self._app(scope, limited, send)

    def _counted(self, receive: Receive, announced: int) -> Receive:
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            if announced > self._limit:
                raise self._too_large()
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise self._too_large()
            return message

        return counting

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"the request body is larger than {self._limit} bytes")


def _announced(scope: Scope) -> int:
    """Return the Content-Length, 0 where there is none or it is no number."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return max((int(value) for value in lengths if value.isdigit() and len(value) < 20), default=0)
