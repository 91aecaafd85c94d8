"""What a command printed, as much as an answer has room for. Pure."""

import base64
from dataclasses import dataclass, field
from typing import Any, Final

from corral_hub.remote import views
from corral_protocol.frames import Kind, unpack
from corral_protocol.remote import ExecEnded

LIMIT = 1 << 20
"""Bytes of each stream; the rest is let go, and that is said."""
NAMES: Final = {Kind.STDOUT: "stdout", Kind.STDERR: "stderr"}


@dataclass(slots=True)
class Collected:
    ending: ExecEnded | None = None
    kept: dict[Kind, bytearray] = field(default_factory=lambda: {kind: bytearray() for kind in NAMES})
    bytes_of: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))

    def take(self, frame: bytes) -> int:
        """Keep what there is room for; return the offset to acknowledge."""
        piece = unpack(frame)
        if piece.kind in NAMES:
            room = LIMIT - len(self.kept[piece.kind])
            self.kept[piece.kind] += piece.payload[:room]
            self.bytes_of[piece.kind] += len(piece.payload)
        return piece.end

    def text(self, kind: Kind) -> str:
        return self.kept[kind].decode("utf-8", "replace")

    def view(self) -> views.Executed:
        """Return the answer. What is no UTF-8 is there as base64 too: text alone would not be what was printed."""
        answer: Any = {} if self.ending is None else views.ending(self.ending)
        for kind, name in NAMES.items():
            kept = bytes(self.kept[kind])
            answer[name] = kept.decode("utf-8", "replace")
            answer[f"{name}_bytes"] = self.bytes_of[kind]
            answer[f"{name}_truncated"] = self.bytes_of[kind] > len(kept)
            if answer[name].encode() != kept:
                answer[f"{name}_base64"] = base64.b64encode(kept).decode()
        return answer
