"""`/ws/dashboard`: facts, live, to whoever may see them, and terminals. A reader too slow for facts reads again."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import get_args

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from sqlalchemy.exc import DBAPIError

from corral_hub.accounts import cookie
from corral_hub.accounts.model import Principal
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import Shown
from corral_hub.db.database import UNREACHABLE
from corral_hub.errors import Refused, Unauthenticated
from corral_hub.gateway.frames import read_first
from corral_hub.gateway.pump import Pump
from corral_hub.gateway.telling import written
from corral_hub.gateway.terminals import Desk
from corral_hub.gateway.viewer import Viewer
from corral_hub.gateway.watched import Watched
from corral_protocol.codec import decode
from corral_protocol.viewers import ViewerAuth, ViewerAuthOk

log = structlog.get_logger()
router = APIRouter()
AUTH_REFUSED = 4401
RECHECK = 2.0
"""Seconds between two looks at whether the credential still counts."""
Identify = Callable[[str], Awaitable[Principal]]


@router.websocket("/ws/dashboard")
async def serve(socket: WebSocket) -> None:
    await socket.accept()
    try:
        viewer = await _admit(socket)
        if viewer is not None:
            await _stream(socket, viewer)
    except WebSocketDisconnect:
        return


async def _admit(socket: WebSocket) -> Viewer | None:
    identify: Identify = socket.app.state.identify
    try:
        first = await read_first(socket)
        asked = decode(ViewerAuth, {name: value for name, value in first.items() if value is not None})
        token = _kept(socket) if asked.cookie else asked.token
        principal = await identify(token)
        return Viewer(principal, asked, partial(identify, token))
    except (TimeoutError, AttributeError, ValueError, Refused):
        await socket.send_text('{"type":"error","code":"auth_refused"}')
        await socket.close(AUTH_REFUSED, "auth refused")
        return None


def _kept(socket: WebSocket) -> str:
    """Return the token in the handshake's cookie. A page must have said where it is from: the doorway compared it."""
    token = cookie.find(socket.cookies)
    if token is None or "origin" not in socket.headers:
        raise Unauthenticated("login_required", "there is no login in a cookie", "log in, or send the token")
    return token


async def _stream(socket: WebSocket, viewer: Viewer) -> None:
    bus: Bus = socket.app.state.bus
    ends = [bus.subscribe(kind, viewer.offer) for kind in get_args(Shown)]
    watched = Watched(bus, viewer.offer)
    desk = Desk(viewer, socket.app.state.sessions, socket.app.state.links, watched)
    desk.begin(viewer.first_runs)
    await socket.send_text(written(ViewerAuthOk()))
    watch = asyncio.create_task(_watch(viewer))
    pump = Pump(socket.state.wire, viewer)
    jobs = [watch, asyncio.create_task(_read(socket, desk)), pump.broke]
    try:
        done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
        for job in done:
            _explain(job.exception())
    finally:
        for end in ends:
            end()
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        desk.leave_all()
        watched.close()
    if watch in done:
        await socket.close(AUTH_REFUSED, "the credential counts no more")


async def _watch(viewer: Viewer) -> None:
    """Return once the credential counts no more: logged out, expired, its machine removed, its work over."""
    while True:
        await asyncio.sleep(RECHECK)
        try:
            await viewer.identify()
        except Refused:
            return
        except (*UNREACHABLE, DBAPIError) as error:
            log.warning("viewer_not_checked", error=str(error)[:200])


def _explain(error: BaseException | None) -> None:
    """A viewer that has gone needs no word; what else ended its connection is for the log."""
    if error is not None and not isinstance(error, WebSocketDisconnect):
        log.error("viewer_dropped", error=repr(error)[:300], exc_info=error)


async def _read(socket: WebSocket, desk: Desk) -> None:
    socket.state.wire.listen(desk.take)
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        data: bytes | None = message.get("bytes")
        if data is not None:
            await desk.framed(data)
        else:
            await desk.said(message["text"])
