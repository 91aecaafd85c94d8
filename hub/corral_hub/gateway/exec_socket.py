"""`/ws/exec`: one command, live: its output comes as it is printed, its input goes as it is typed."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import orjson
import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from corral_hub.accounts.model import Principal
from corral_hub.errors import Refused
from corral_hub.gateway.credential import AUTH_REFUSED, watch_credential
from corral_hub.gateway.frames import parse, read_first, receive
from corral_hub.gateway.links import LinkRegistry
from corral_hub.remote.actions import Remote, Running
from corral_hub.remote.model import Order
from corral_hub.text import check_json
from corral_protocol.codec import Malformed, decode_tagged, encode
from corral_protocol.frames import HEADER, Kind, read_header
from corral_protocol.remote import FROM_CALLER, Exec, ExecEnded, RemoteRefused, RemoteStop, ToCaller

log = structlog.get_logger()
router = APIRouter()
LONGEST_GRACE = 60.0


@router.websocket("/ws/exec")
async def serve(socket: WebSocket) -> None:
    await socket.accept()
    try:
        await _admit(socket)
    except WebSocketDisconnect:
        return


async def _admit(socket: WebSocket) -> None:
    try:
        token = str((await read_first(socket))["token"])
        identify = partial(socket.app.state.identify, token)
        principal: Principal = await identify()
    except (TimeoutError, KeyError, TypeError, ValueError, Refused):
        await socket.send_text('{"type":"error","code":"auth_refused"}')
        await socket.close(AUTH_REFUSED, "auth refused")
        return
    await socket.send_text('{"type":"auth_ok"}')
    try:
        await _run(socket, principal, identify)
    except Refused as error:
        await _say(socket, RemoteRefused(channel=0, code=error.code, detail=error.detail, hint=error.hint))
    except ValueError as error:
        await _say(socket, RemoteRefused(channel=0, code="malformed", detail=f"not usable: {error}"[:300]))
    await socket.close()


async def _run(socket: WebSocket, principal: Principal, identify: Callable[[], Awaitable[Principal]]) -> None:
    """Raises Refused, ValueError, WebSocketDisconnect."""
    asked = _read(await receive(socket))
    if not isinstance(asked, Exec):
        raise Malformed("/type", "say what to run first")
    remote: Remote = socket.app.state.remote
    place = await remote.on_server(principal, asked.server)
    order = Order(
        argv=asked.argv, directory=asked.directory, repo=asked.repo, env=asked.env, timeout=asked.timeout,
        stdin=asked.stdin,
    )  # fmt: skip
    async with remote.running(principal, place, order, passes_acks=True) as running:
        jobs = [
            asyncio.create_task(job)
            for job in (_write(socket, running), _listen(socket, running), watch_credential(identify))
        ]
        try:
            done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            for job in done:
                job.result()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)


async def _write(socket: WebSocket, running: Running) -> None:
    """Pass on what the machine says, to its last word."""
    while True:
        item = await running.next()
        if isinstance(item, bytes):
            await socket.send_bytes(item)
        else:
            await _say(socket, item)
            if isinstance(item, ExecEnded | RemoteRefused):
                return


async def _listen(socket: WebSocket, running: Running) -> None:
    """Pass on what the caller says. Raises WebSocketDisconnect, ValueError."""
    while True:
        frame = await receive(socket)
        if isinstance(frame, bytes):
            kind, _, offset = read_header(frame)
            if kind is Kind.ACK:
                running.call.acknowledge(offset)
            elif kind is Kind.STDIN:
                running.call.forward(kind, offset, memoryview(frame)[HEADER.size :])
                await _room(socket, running)
            else:
                raise Malformed("", f"a caller sends no {kind.name} frame")
        elif isinstance(message := _read(frame), RemoteStop):
            running.call.stop(min(max(message.grace, 0.0), LONGEST_GRACE))
        else:
            raise Malformed("/type", "one connection runs one command")


async def _room(socket: WebSocket, running: Running) -> None:
    """Read no more of the caller while too much waits for the machine."""
    links: LinkRegistry = socket.app.state.links
    link = links.get(running.call.server_id)
    if link is not None:
        await link.room()


def _read(frame: str | bytes) -> Exec | RemoteStop:
    """Raises ValueError."""
    if isinstance(frame, bytes):
        raise Malformed("", "say what to run first")
    return decode_tagged(FROM_CALLER, check_json(parse(frame)))


async def _say(socket: WebSocket, message: ToCaller) -> None:
    await socket.send_text(orjson.dumps(encode(message)).decode())
