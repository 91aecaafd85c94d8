"""What answers where no route does: the dashboard's pages, or the problem that there is nothing here."""

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from corral_hub.web.pages import HASHED, Reply, answer, find, is_for_programs, not_built
from corral_hub.web.shelf import Shelf

READS = frozenset({"GET", "HEAD"})


class Pages:
    """ASGI application: a router's default, so that routes and their refusals (405) come first."""

    def __init__(self, shelf: Shelf, otherwise: ASGIApp) -> None:
        self._shelf = shelf
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = await self._reply(scope) if scope["type"] == "http" and scope["method"] in READS else None
        if reply is None:
            await self._otherwise(scope, receive, send)
            return
        response = Response(reply.content, reply.status, dict(reply.headers))
        if reply.status == 304:
            del response.headers["content-length"]
        await response(scope, receive, send)

    async def _reply(self, scope: Scope) -> Reply | None:
        path, headers = scope["path"], Headers(scope=scope)
        if is_for_programs(path):
            return None
        hashed = path.removeprefix("/").startswith(HASHED)
        shelf = self._shelf.known if hashed and self._shelf.known else await self._shelf.pages()
        accept = headers.get("accept", "")
        if not shelf:
            return not_built() if path == "/" or "text/html" in accept.lower() else None
        page = find(path, accept, shelf)
        if page is None:
            return None
        return answer(page, headers.get("accept-encoding", ""), headers.get("if-none-match", ""))
