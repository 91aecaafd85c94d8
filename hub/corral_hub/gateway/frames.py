"""What arrives on a socket: text, bounded before it is parsed, checked before it is used."""

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


async def read(socket: WebSocket) -> str:
    """Return the next text frame; a binary one, which nobody should send, as a text that is no JSON."""
    frame = await socket.receive()
    if frame["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(frame.get("code", 1006))
    return frame.get("text") or ""


async def read_first(socket: WebSocket) -> Any:
    """Return the frame that says who this is. Raises TimeoutError, ValueError."""
    text = await asyncio.wait_for(read(socket), PATIENCE)
    if len(text) > STRANGER:
        raise ValueError(f"the first frame is longer than {STRANGER} characters")
    return check_json(orjson.loads(text))


def parse(text: str) -> Any:
    """Return the JSON value; check it before it is used. Raises ValueError."""
    if len(text) > LONG and text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        raise ValueError(f"more than {MOST_VALUES} values")
    return orjson.loads(text)
