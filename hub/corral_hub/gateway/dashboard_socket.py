"""`/ws/dashboard`: facts, live, to whoever may see them. A reader too slow to keep up is told to read again."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from corral_hub.accounts.model import Machine, Person, Principal, TaskAgent
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import OutputStored, TaskEvent
from corral_hub.errors import Refused
from corral_hub.gateway.origin import is_allowed
from corral_hub.tasks.views import stamp
from corral_hub.text import check_json

router = APIRouter()
AUTH_PATIENCE = 10.0
AUTH_REFUSED = 4401
BACKLOG = 2000

Fact = TaskEvent | OutputStored


class Viewer:
    """One subscription: what its principal may see, narrowed to what it asked for, in a bounded backlog."""

    def __init__(self, principal: Principal, project_id: str | None, task_ids: frozenset[str]) -> None:
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
    if not is_allowed(socket.headers.get("origin"), socket.headers.get("host"), socket.app.state.settings.url):
        await socket.close()  # before the handshake is done: HTTP 403
        return
    await socket.accept()
    try:
        viewer = await _admit(socket)
        if viewer is not None:
            await _stream(socket, viewer)
    except WebSocketDisconnect:
        return


async def _admit(socket: WebSocket) -> Viewer | None:
    try:
        first = check_json(orjson.loads(await asyncio.wait_for(socket.receive_text(), AUTH_PATIENCE)))
        principal = await _identify(socket, first)
        tasks = frozenset(str(id) for id in first.get("task_ids") or ())
        return Viewer(principal, first.get("project_id"), tasks)
    except (TimeoutError, KeyError, TypeError, AttributeError, ValueError, Refused):
        await socket.send_text('{"type":"error","code":"auth_refused"}')
        await socket.close(AUTH_REFUSED, "auth refused")
        return None


async def _identify(socket: WebSocket, first: dict[str, Any]) -> Person | Machine | TaskAgent:
    token = str(first["token"])
    identify: Callable[[str], Any] = socket.app.state.identify
    return await identify(token)


async def _stream(socket: WebSocket, viewer: Viewer) -> None:
    bus: Bus = socket.app.state.bus
    ends = [bus.subscribe(TaskEvent, viewer.offer), bus.subscribe(OutputStored, viewer.offer)]
    await socket.send_text('{"type":"auth_ok"}')
    reader = asyncio.create_task(_wait_for_close(socket))
    writer = asyncio.create_task(_write(socket, viewer))
    try:
        await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end()
        for job in (reader, writer):
            job.cancel()
        await asyncio.gather(reader, writer, return_exceptions=True)


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
