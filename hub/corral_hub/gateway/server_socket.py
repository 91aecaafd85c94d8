"""`/ws/server`: the pump of one daemon's connection. Frames in, a table of handlers, frames out."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from corral_hub.errors import Refused, Unauthenticated, Unavailable
from corral_hub.gateway.frames import parse, read_first, receive
from corral_hub.gateway.handlers import HANDLERS, Hands
from corral_hub.gateway.links import AUTH_REFUSED, TRY_AGAIN, Link, LinkRegistry
from corral_hub.recordings.intake import Intake
from corral_hub.sessions.relay import Relay
from corral_hub.settings import Settings
from corral_hub.tasks import commands as cmd
from corral_hub.text import check_json
from corral_protocol import to_daemon
from corral_protocol.codec import Malformed, decode_tagged, encode
from corral_protocol.frames import Kind
from corral_protocol.remote import is_remote
from corral_protocol.to_hub import TO_HUB, Auth
from corral_protocol.vocabulary import Feature

log = structlog.get_logger()
LONGEST_ID = 200
RECORDING = bytes([Kind.RECORDING])

# What older agents say about files and more. Until there is something to do with it these change nothing.
OLDER = frozenset({
    "session_working_dir", "scrollback_captured", "remote_exec_result", "architecture_snapshot", "subscribe_task",
    "unsubscribe_task", "governance_decision_request", "governance_decision_response", "worker_attention",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServerGate:
    """What a connection needs."""

    settings: Settings
    hands: Hands
    links: LinkRegistry
    relay: Relay
    recordings: Intake


router = APIRouter()


@router.websocket("/ws/server")
async def serve(socket: WebSocket) -> None:
    """Authenticate, then pump until either side closes."""
    gate: ServerGate = socket.app.state.server_gate
    await socket.accept()
    try:
        link = await _authenticate(gate, socket)
        if link is not None:
            await _pump(gate, link, socket)
    except WebSocketDisconnect:
        return
    except Unavailable as error:
        await socket.close(TRY_AGAIN, error.detail[:100])


async def _authenticate(gate: ServerGate, socket: WebSocket) -> Link | None:
    try:
        first = _check_auth(decode_tagged({"auth": Auth}, await read_first(socket)))
        machine = await gate.hands.servers.authenticate_key(first.api_key)
    except (TimeoutError, ValueError, Unauthenticated) as error:
        detail = (
            error.detail if isinstance(error, Refused) else f"the first frame must be auth with an api_key: {error}"
        )
        await socket.send_text(orjson.dumps(encode(to_daemon.Error(code="auth_refused", detail=detail))).decode())
        await socket.close(AUTH_REFUSED, "auth refused")
        return None
    common = frozenset(first.features) & {feature.value for feature in Feature}
    link = Link(socket, socket.state.wire, machine, common, first.spool_id)
    if first.spool_id is not None:
        spool = cmd.OpenSpool(server_id=machine.server_id, spool_id=first.spool_id)
        link.last_seq = await gate.hands.reactor.ask(spool)
    await gate.hands.servers.greet(machine.server_id, agent_version=first.agent_version, features=sorted(common))
    return link


def _check_auth(first: Auth) -> Auth:
    """Return the frame. Raises Malformed."""
    for name in ("spool_id", "agent_version"):
        if len(getattr(first, name) or "") > LONGEST_ID:
            raise Malformed(f"/{name}", f"is longer than {LONGEST_ID} characters")
    return first


async def _pump(gate: ServerGate, link: Link, socket: WebSocket) -> None:
    servers = gate.hands.servers
    link.send(
        to_daemon.AuthOk(
            features=tuple(sorted(link.features)), server_id=str(link.server_id), server_name=link.name,
            acked_seq=link.last_seq, heartbeat=gate.settings.heartbeat, offline_after=gate.settings.offline_after,
        )
    )  # fmt: skip
    gate.links.open(link)
    gate.hands.exchange.lose(link.server_id)  # what the connection before had going on ended with it
    servers.connected(link.server_id)
    gate.hands.outbox.restart(link.server_id)
    gate.hands.news.connected(link.server_id)
    writer, worker = asyncio.create_task(link.write()), asyncio.create_task(link.work())
    log.info("server_connected", server=link.name, features=sorted(link.features))
    socket.state.wire.listen(partial(_framed, gate, link))
    try:
        while not writer.done():
            frame = await receive(socket)
            if link.closing:
                break  # its work was given away, or its key taken: what it still says on this socket counts no more
            servers.seen(link.server_id)
            if isinstance(frame, bytes):
                _relay(gate, link, frame)
            else:
                await _handle(gate.hands, link, frame)
    except (WebSocketDisconnect, RuntimeError):
        log.info("server_disconnected", server=link.name)  # RuntimeError: we closed first
    finally:
        writer.cancel()
        worker.cancel()
        if gate.links.close(link):
            gate.hands.exchange.lose(link.server_id)
            servers.disconnected(link.server_id)


def _framed(gate: ServerGate, link: Link, frame: bytes) -> bool:
    """A frame on the short way; once the link is closing, `_pump` is to see it, and to end."""
    if not link.closing:
        gate.hands.servers.seen(link.server_id)
        _relay(gate, link, frame)
    return not link.closing


def _relay(gate: ServerGate, link: Link, frame: bytes) -> None:
    """Pass bytes on; what is no frame is answered, and the connection goes on."""
    try:
        if frame[:1] == RECORDING:
            gate.recordings.take(link.server_id, frame, link.send)
        else:
            (gate.hands.exchange if is_remote(frame) else gate.relay).feed(link.server_id, frame)
    except Malformed as error:
        link.send(to_daemon.Error(code="malformed", detail=str(error)))


def _malformed(raw: Any, error: Malformed) -> to_daemon.ToDaemon:
    """Return the answer to a frame that cannot be read; one with a number is refused, so that it is not resent."""
    seq = raw.get("seq") if isinstance(raw, dict) else None
    if type(seq) is not int:
        return to_daemon.Error(code="malformed", detail=str(error))
    return to_daemon.Refused(seq=seq, status=400, code="malformed", detail=str(error))


async def _handle(hands: Hands, link: Link, text: str) -> None:
    """Answer one frame; whatever is wrong with it is said, and the connection goes on."""
    raw: Any = None
    try:
        raw = parse(text)
        if isinstance(raw, dict) and isinstance(raw.get("type"), str) and raw["type"] in OLDER:
            return
        message = decode_tagged(TO_HUB, check_json(raw))
        await HANDLERS[type(message)](hands, link, message)
    except Malformed as error:
        link.send(_malformed(raw, error))
    except ValueError as error:
        link.send(to_daemon.Error(code="malformed", detail=f"not usable JSON: {error}"[:300]))
    except Unavailable:
        link.close(TRY_AGAIN, "nothing was committed; connect again")  # what it holds, and more, must be said anew
    except Refused as error:
        link.send(to_daemon.Error(code=error.code, detail=error.detail))
