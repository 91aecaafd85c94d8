"""While another hub works on the database, or it is not sure that none does: everybody is told, and who to ask."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corral_hub.errors import Unavailable
from corral_hub.gateway.wire import STATE
from corral_hub.lease.keeper import Keeper
from corral_hub.problems import problem

HEALTH = "/healthz"
"""The process lives, whoever's turn it is."""
AGAIN_AFTER = 2.0


class Standby:
    """ASGI middleware, for HTTP and WebSockets alike: a proxy passes a 503 on to the next hub."""

    def __init__(self, app: ASGIApp, is_ready: Callable[[], bool], keeper: Keeper) -> None:
        self._app = app
        self._is_ready = is_ready
        self._keeper = keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] in ("http", "websocket") and scope["path"] != HEALTH
        if not asked or (self._is_ready() and self._keeper.is_sure):
            await self._app(scope, receive, self._watching(send) if scope["type"] == "http" else send)
        elif scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1013})
        else:
            await problem(self._refusal())(scope, receive, send)
            if scope["type"] == "websocket":  # or uvicorn takes it for no answer, and logs an error
                scope["state"][STATE].handshake_complete = True

    def _watching(self, send: Send) -> Send:
        """Let no proxy repeat what was asked of a hub that lost its turn meanwhile: it may have been done before."""

        async def watching(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 503 and not self._keeper.is_held:
                message["status"] = 500
            await send(message)

        return watching

    def _refusal(self) -> Unavailable:
        if self._keeper.is_held:
            if self._is_ready():  # it could not be renewed in time
                what, hint = "the database does not answer", "nothing was changed; try again"
                return Unavailable("database_unavailable", what, hint, retry_after=AGAIN_AFTER)
            what = "this hub has just taken over, and reads what there is"
            return Unavailable("starting", what, "try again in a moment", retry_after=AGAIN_AFTER)
        active = self._keeper.seen.name if self._keeper.seen else ""
        what = f"this hub stands by; {active or 'another'} works"
        hint = f"ask {active}" if active else "ask the other hub"
        return Unavailable("standby", what, f"{hint}; a proxy in front of both does that", retry_after=AGAIN_AFTER)
