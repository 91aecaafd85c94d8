"""The least that two hops can be: the hub's server stack and the daemon's library, passing a terminal's bytes on.

`python -m bench.floor_relay hub PORT` takes one socket at /daemon and one at /viewer; `daemon PORT COMMAND…` owns the
terminal. No sessions, offsets, acknowledgements, rights, ring or resume: what Corral does costs what it costs beyond
this.
"""

import asyncio
import os
import pty
import sys
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect

PIECE = 1 << 16


def serve(port: int) -> None:
    """Pass binary frames on between the two sockets."""
    app, sides = FastAPI(), dict[str, WebSocket]()

    @app.websocket("/{side}")
    async def side(socket: WebSocket, side: str) -> None:
        await socket.accept()
        sides[side] = socket
        other = "viewer" if side == "daemon" else "daemon"
        try:
            while True:
                data = await socket.receive_bytes()
                if other in sides:
                    await sides[other].send_bytes(data)
        except (WebSocketDisconnect, RuntimeError):
            sides.pop(side, None)

    uvicorn.run(
        app, port=port, loop="uvloop", ws="websockets-sansio", ws_per_message_deflate=False, log_level="error",
        ws_ping_interval=None, ws_max_size=1 << 25,
    )  # fmt: skip


async def hold(port: int, command: list[str]) -> None:
    """Own the terminal: one frame for all that can be read at once, one write for each frame that comes."""
    pid, master = pty.fork()
    if not pid:
        os.execvp(command[0], command)
    os.set_blocking(master, False)
    async with connect(f"ws://127.0.0.1:{port}/daemon", compression=None, ping_interval=None) as socket:
        await socket.send(b"ready")
        reader = asyncio.create_task(_type(socket, master))
        await _tell(socket, master)
        reader.cancel()


async def _tell(socket: ClientConnection, master: int) -> None:
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(master, readable.set)
    while True:
        await readable.wait()
        readable.clear()
        try:
            data = _drain(master)
        except OSError:
            return
        if data:
            await socket.send(data)


def _drain(master: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        while size < PIECE:
            piece = os.read(master, PIECE)
            pieces.append(piece)
            size += len(piece)
    except BlockingIOError:
        pass
    return b"".join(pieces)


async def _type(socket: ClientConnection, master: int) -> None:
    async for data in socket:
        os.write(master, data if isinstance(data, bytes) else data.encode())


def main() -> None:
    role, port, *command = sys.argv[1:]
    roles: dict[str, Any] = {"hub": lambda: serve(int(port)), "daemon": lambda: uvloop.run(hold(int(port), command))}
    roles[role]()


if __name__ == "__main__":
    main()
