"""How attaching to a session can end, and the exit code of each. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corral_cli.errors import CliError, Failed, NotFound, NotPermitted, TryLater
from corral_protocol.viewers import SessionRefused


@dataclass(frozen=True, slots=True)
class Detached:
    """The person left; the session goes on."""


@dataclass(frozen=True, slots=True)
class Left:
    """A signal ended us; the session goes on."""

    signal: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over. `event` says how, `details` is what the hub knows about it."""

    event: str
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def output_bytes(self) -> int | None:
        count = self.details.get("output_bytes")
        return count if type(count) is int else None


Ending = Detached | Left | Ended

ENDINGS = frozenset({"closed", "lost", "failed", "deleted"})
"""Events after which a session says nothing more."""
MAY_ONLY_WATCH = frozenset({"role_required", "not_your_server", "person_required"})
"""Refusals of those who may look at the session but not type into it."""


def exit_code_of(details: Mapping[str, Any]) -> int | None:
    """Return the code with which an ended session ends us: its own, 128 + n for signal n; None if nobody knows."""
    signal, code = details.get("signal"), details.get("exit_code")
    if type(signal) is int and signal > 0:
        return min(128 + signal, 255)
    return code & 0xFF if type(code) is int else None


_REFUSALS: Mapping[str, type[CliError]] = {
    "session_not_found": NotFound,
    "not_found": NotFound,
    **dict.fromkeys(MAY_ONLY_WATCH, NotPermitted),
    "server_offline": TryLater,
    "too_many_sessions": TryLater,
}


def refusal(message: SessionRefused) -> CliError:
    """Return the error for what the hub refused on the socket."""
    hint = message.hint or "`corral session show` tells what the session is doing."
    return _REFUSALS.get(message.code, Failed)(message.detail, code=message.code, hint=hint)
