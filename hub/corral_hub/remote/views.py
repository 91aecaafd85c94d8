"""Answers of machines as the API gives them. Pure."""

from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from corral_hub.answers import WordOf
from corral_hub.errors import Conflict, Forbidden, NotFound, Refused, TooLarge, TooMany, Unprocessable
from corral_protocol.remote import ExecEnded, FileDone, FileEntry, FileStatus, RemoteRefused
from corral_protocol.vocabulary import FileKind


class Ending(TypedDict):
    """How a command ended. `left`: processes it left behind, which were ended; `lost`: nobody saw how it ended."""

    exit_code: int | None
    signal: int | None
    timed_out: bool
    stopped: bool
    lost: bool
    left: int
    output_bytes: int


class Executed(Ending):
    """A command's end, and the first MiB of each stream; as base64 too where it is no UTF-8."""

    stdout: str
    stdout_bytes: int
    stdout_truncated: bool
    stdout_base64: NotRequired[str]
    stderr: str
    stderr_bytes: int
    stderr_truncated: bool
    stderr_base64: NotRequired[str]


class Entry(TypedDict):
    """What stands in a folder. `version` changes with the content; `opaque`: its name is no Unicode.

    `modified`: seconds since 1970.
    """

    name: str
    kind: Annotated[str, WordOf(FileKind)]
    size: int
    modified: float
    executable: bool
    version: str | None
    opaque: bool


class Folder(TypedDict):
    """`next` is what to give as `after`; null: that is all."""

    path: str
    entries: list[Entry]
    next: str | None


class FileState(TypedDict):
    """What is known of a file, and of one that is on its way."""

    path: str
    exists: bool
    entry: Entry | None
    sha256: str | None
    partial_size: int
    partial_sha256: str | None


class Written(TypedDict):
    path: str
    sha256: str | None
    entry: Entry | None


class RemovedFile(TypedDict):
    removed: str


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


def ending(ended: ExecEnded) -> Ending:
    return {
        "exit_code": ended.exit_code,
        "signal": ended.signal,
        "timed_out": ended.timed_out,
        "stopped": ended.stopped,
        "lost": ended.lost,
        "left": ended.left,
        "output_bytes": ended.output,
    }


def entry(entry: FileEntry) -> Entry:
    return {
        "name": entry.name,
        "kind": entry.kind.value,
        "size": entry.size,
        "modified": entry.modified,
        "executable": entry.executable,
        "version": entry.version,
        "opaque": entry.opaque,
    }


def status(status: FileStatus, path: str) -> FileState:
    return {
        "path": path,
        "exists": status.entry is not None,
        "entry": None if status.entry is None else entry(status.entry),
        "sha256": status.sha256,
        "partial_size": status.partial_size,
        "partial_sha256": status.partial_sha256,
    }


def written(done: FileDone, path: str) -> Written:
    return {"path": path, "sha256": done.sha256, "entry": None if done.entry is None else entry(done.entry)}
