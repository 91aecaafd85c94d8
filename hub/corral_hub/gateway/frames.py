"""What arrives on a socket: frames; text is bounded before it is parsed, checked before it is used."""

import asyncio
from typing import Any

import orjson
from fastapi import WebSocket, WebSocketDisconnect

from corral_hub.text import check_json

PATIENCE = 10.0
"""Seconds in which somebody who connected has to say who they are."""
STRANGER = 16_384
"""Characters that are read of it."""
LONG, MOST_VALUES = 1 << 20, 1_000_000
"""A longer frame is counted before it is parsed; a daemon's results have fewer values."""


async def receive(socket: WebSocket) -> str | bytes:
    """Return the next frame, text or binary."""
    frame = await socket.receive()
    if frame["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(frame.get("code", 1006))
    data: bytes | None = frame.get("bytes")
    return frame["text"] if data is None else data


async def read_first(socket: WebSocket) -> Any:
    """Return the frame that says who this is. Raises TimeoutError, ValueError."""
    text = await asyncio.wait_for(receive(socket), PATIENCE)
    if not isinstance(text, str) or len(text) > STRANGER:
        raise ValueError(f"the first frame is no text of at most {STRANGER} characters")
    return check_json(orjson.loads(text))


def parse(text: str) -> Any:
    """Return the JSON value; check it before it is used. Raises ValueError."""
    if len(text) > LONG and text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        raise ValueError(f"more than {MOST_VALUES} values")
    return orjson.loads(text)
