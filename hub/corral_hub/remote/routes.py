"""Commands on machines, for scripts: an answer once they have ended. Mounted for people, and for machines."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request

from corral_hub.answers import answers
from corral_hub.errors import Refused
from corral_hub.remote import bodies, views
from corral_hub.remote.actions import Remote
from corral_hub.servers.guard import Who

T = TypeVar("T")


async def remote_of(request: Request) -> Remote:
    return request.app.state.remote


The = Annotated[Remote, Depends(remote_of)]
router = APIRouter(tags=["commands and files"])


@router.post(
    "/servers/{server}/exec", summary="Run a command there; answer with its output once it has ended",
    **answers(views.Executed),
)  # fmt: skip
async def execute_on_server(
    api: The, principal: Who, request: Request, server: str, body: bodies.ExecBody
) -> views.Executed:
    place = await api.on_server(principal, server)
    return (await while_listening(request, api.run(principal, place, body.order()))).view()


@router.post(
    "/sessions/{session}/exec", summary="Run a command beside a session, in its directory",
    **answers(views.Executed),
)  # fmt: skip
async def execute_in_session(
    api: The, principal: Who, request: Request, session: str, body: bodies.ExecBody
) -> views.Executed:
    place = await api.in_session(principal, session)
    return (await while_listening(request, api.run(principal, place, body.order()))).view()


class Left(Refused):
    """Nobody reads this."""


async def while_listening(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Do `work` for as long as somebody waits for the answer."""
    doing, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait([doing, leaving], return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise Left("client_left", "nobody waits for the answer any more", "ask again")
    finally:
        for task in (doing, leaving):
            task.cancel()
        await asyncio.gather(doing, leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
