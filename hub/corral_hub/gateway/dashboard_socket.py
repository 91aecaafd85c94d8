"""`/ws/dashboard`: facts, live, to whoever may see them. A reader too slow to keep up is told to read again."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from sqlalchemy.exc import DBAPIError

from corral_hub.accounts.model import Person, Principal
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import OutputStored, TaskEvent
from corral_hub.db.database import UNREACHABLE
from corral_hub.errors import Refused
from corral_hub.gateway.frames import read_first
from corral_hub.tasks.views import stamp

log = structlog.get_logger()
router = APIRouter()
AUTH_REFUSED = 4401
RECHECK = 2.0
"""Seconds between two looks at whether the credential still counts."""
BACKLOG = 2000

Fact = TaskEvent | OutputStored
Identify = Callable[[str], Awaitable[Principal]]


class Viewer:
    """One subscription: what its principal may see, narrowed to what it asked for, in a bounded backlog."""

    def __init__(
        self,
        principal: Principal,
        project_id: str | None,
        task_ids: frozenset[str],
        identify: Callable[[], Awaitable[Principal]],
    ) -> None:
        self.identify = identify
        self._scope = None if isinstance(principal, Person) else principal.project_id
        self._project_id = project_id
        self._task_ids = task_ids
        self.backlog: asyncio.Queue[Fact | None] = asyncio.Queue(BACKLOG)

    def offer(self, fact: Fact) -> None:
        if not self.wants(fact):
            return
        try:
            self.backlog.put_nowait(fact)
        except asyncio.QueueFull:
            while not self.backlog.empty():
                self.backlog.get_nowait()
            self.backlog.put_nowait(None)  # says: facts were dropped, read the state again

    def wants(self, fact: Fact) -> bool:
        if self._scope not in (None, fact.project_id):
            return False
        if self._project_id not in (None, str(fact.project_id)):
            return False
        return not self._task_ids or str(fact.task_id) in self._task_ids


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
        token = str(first["token"])
        principal = await identify(token)
        tasks = frozenset(str(id) for id in first.get("task_ids") or ())
        return Viewer(principal, first.get("project_id"), tasks, partial(identify, token))
    except (TimeoutError, KeyError, TypeError, AttributeError, ValueError, Refused):
        await socket.send_text('{"type":"error","code":"auth_refused"}')
        await socket.close(AUTH_REFUSED, "auth refused")
        return None


async def _stream(socket: WebSocket, viewer: Viewer) -> None:
    bus: Bus = socket.app.state.bus
    ends = [bus.subscribe(TaskEvent, viewer.offer), bus.subscribe(OutputStored, viewer.offer)]
    await socket.send_text('{"type":"auth_ok"}')
    watch = asyncio.create_task(_watch(viewer))
    jobs = [watch, asyncio.create_task(_wait_for_close(socket)), asyncio.create_task(_write(socket, viewer))]
    try:
        done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end()
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
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


async def _wait_for_close(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _write(socket: WebSocket, viewer: Viewer) -> None:
    while True:
        fact = await viewer.backlog.get()
        await socket.send_text(orjson.dumps(frame(fact)).decode())


def frame(fact: Fact | None) -> dict[str, Any]:
    """Return the seed's message for a fact; None means that some were dropped."""
    match fact:
        case None:
            return {"type": "resync"}
        case TaskEvent():
            return {
                "type": "task_event",
                "event_type": fact.event_type,
                "task_id": str(fact.task_id),
                "project_id": str(fact.project_id),
                "actor": fact.actor,
                "at": stamp(fact.at),
                "details": fact.details,
            }
        case OutputStored():
            return {
                "type": "task_output",
                "task_id": str(fact.task_id),
                "server_id": _text(fact.server_id),
                "stream": fact.stream,
                "content": fact.content.decode("utf-8", "replace"),
            }


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)
