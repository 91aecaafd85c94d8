"""Answers of machines as the API gives them. Pure."""

from typing import Any

from corral_hub.errors import Conflict, Forbidden, NotFound, Refused, TooLarge, TooMany, Unprocessable
from corral_protocol.remote import ExecEnded, FileEntry, FileStatus, RemoteRefused


class RangeNotSatisfiable(Refused):
    status = 416


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
    "not_a_file": Unprocessable,
    "not_a_folder": Unprocessable,
    "symlink_refused": Forbidden,
    "no_access": Forbidden,
    "digest_mismatch": Unprocessable,
    "incomplete": Unprocessable,
    "range_invalid": RangeNotSatisfiable,
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


def entry(entry: FileEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind.value,
        "size": entry.size,
        "modified": entry.modified,
        "executable": entry.executable,
        "version": entry.version,
        "opaque": entry.opaque,
    }


def status(status: FileStatus, path: str) -> dict[str, Any]:
    return {
        "path": path,
        "exists": status.entry is not None,
        "entry": None if status.entry is None else entry(status.entry),
        "sha256": status.sha256,
        "partial_size": status.partial_size,
        "partial_sha256": status.partial_sha256,
    }
