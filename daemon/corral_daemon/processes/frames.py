"""What daemon, keeper and warden say to each other: JSON, length first, file descriptors beside it."""

import json
import struct
from typing import Any

_LENGTH = struct.Struct(">I")
Frame = dict[str, Any]


def pack(frame: Frame) -> bytes:
    body = json.dumps(frame, separators=(",", ":")).encode("utf-8", "surrogateescape")
    return _LENGTH.pack(len(body)) + body


class Unpacker:
    """Takes bytes as they come, gives whole frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        self._buffer += data
        frames: list[Frame] = []
        while len(self._buffer) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                break
            frames.append(json.loads(self._buffer[_LENGTH.size : end]))
            del self._buffer[:end]
        return frames
