"""Answers of machines as the API gives them. Pure."""

from typing import Any

from corral_hub.errors import Conflict, NotFound, Refused, TooLarge, TooMany, Unprocessable
from corral_protocol.remote import ExecEnded, RemoteRefused

_KINDS: dict[str, type[Refused]] = {
    "command_invalid": Unprocessable,
    "command_missing": Unprocessable,
    "command_unusable": Unprocessable,
    "directory_missing": Unprocessable,
    "repo_missing": NotFound,
    "session_unknown": NotFound,
    "file_missing": NotFound,
    "root_missing": NotFound,
    "path_invalid": Unprocessable,
    "file_too_large": TooLarge,
    "too_many": TooMany,
}
_LONGEST = 1000


def refusal(refused: RemoteRefused) -> Refused:
    """Return what a machine said instead of doing it, bounded."""
    kind = _KINDS.get(refused.code, Conflict)
    more = {} if refused.version is None else {"version": refused.version[:_LONGEST]}
    return kind(refused.code[:64], refused.detail[:_LONGEST], refused.hint[:_LONGEST], **more)


def ending(ended: ExecEnded) -> dict[str, Any]:
    return {
        "exit_code": ended.exit_code,
        "signal": ended.signal,
        "timed_out": ended.timed_out,
        "stopped": ended.stopped,
        "lost": ended.lost,
        "left": ended.left,
        "output_bytes": ended.output,
    }
