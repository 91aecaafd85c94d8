"""What somebody wants of a session in their terminal. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corral_cli.terminal.detach_keys import Key
from corral_cli.terminal.guard import Allowed
from corral_protocol.vocabulary import SessionMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`session` is what the hub says about it; `offset`: the byte of its output to begin at, None for its screen."""

    session: Mapping[str, Any]
    mode: SessionMode = SessionMode.DRIVE
    take: bool = False
    offset: int | None = None
    keys: tuple[Key, ...] = ()
    allowed: Allowed = field(default_factory=Allowed)

    @property
    def session_id(self) -> str:
        return str(self.session["id"])
