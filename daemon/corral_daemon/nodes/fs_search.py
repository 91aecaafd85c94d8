"""Find files, and lines in them, in the workflow's folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from corral_daemon.confined import files
from corral_daemon.confined.files import Entry
from corral_daemon.nodes.node import Context, NodeFailed, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about
from corral_protocol.vocabulary import ErrorClass

MOST_FOUND = 1_000
_MOST_BYTES_OF_A_FILE = 4 << 20
_MOST_BYTES = 64 << 20
_LONGEST_LINE = 500


class Mode(StrEnum):
    LS = "ls"
    GLOB = "glob"
    GREP = "grep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    mode: Mode = Mode.LS
    path: str = about(".", description="a folder below the workflow's folder on this machine")
    pattern: str = about(
        "", description="glob: like **/*.py; grep: a text to find as it is", shown_when={"mode": ["glob", "grep"]}
    )
    file_filter: str = about("", description="names of files to look in, like *.py", shown_when={"mode": ["grep"]})


@node("fsSearch", title="Find files", category="files")
def fs_search(parameters: Parameters, context: Context) -> Json:
    """Lists a folder, finds files by name, or finds lines by a text; links are named and never followed."""
    if parameters.mode is not Mode.LS and not parameters.pattern:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"pattern: {parameters.mode.value} needs one")
    return _MODES[parameters.mode](parameters, context)


def _ls(parameters: Parameters, context: Context) -> Json:
    found = files.listing(files.spot(context.workspace, parameters.path))
    entries: list[Json] = [{"name": entry.name, "type": entry.type, "size": entry.size} for entry in found]
    return {"path": parameters.path, "entries": entries[:MOST_FOUND], "count": len(entries)}


def _glob(parameters: Parameters, context: Context) -> Json:
    root = files.spot(context.workspace, parameters.path)
    prefix = "/".join((*root.names, ""))
    found = (entry.path for entry in files.below(root) if files.matches(entry.path[len(prefix) :], parameters.pattern))
    return _found(parameters, list(islice(found, MOST_FOUND + 1)))


def _grep(parameters: Parameters, context: Context) -> Json:
    wanted, matched, left = parameters.pattern.encode(), list[Json](), _MOST_BYTES
    for entry in files.below(files.spot(context.workspace, parameters.path)):
        if not _is_looked_in(entry, parameters.file_filter):
            continue
        left -= entry.size
        if left < 0:
            raise NodeFailed(ErrorClass.BAD_INPUT, f"that is more than {_MOST_BYTES} bytes to look in; name a folder")
        try:
            data = files.read(files.spot(context.workspace, entry.path), _MOST_BYTES_OF_A_FILE)
        except NodeFailed as error:
            context.log(str(error))  # it changed while we looked
            continue
        if wanted in data:
            matched += _lines(entry.path, data, wanted)
        if len(matched) > MOST_FOUND:
            break
    return _found(parameters, matched)


def _is_looked_in(entry: Entry, names: str) -> bool:
    if entry.type != "file" or entry.size > _MOST_BYTES_OF_A_FILE:
        return False
    return not names or files.matches(entry.name, names) or files.matches(entry.path, names)


def _lines(path: str, data: bytes, wanted: bytes) -> list[Json]:
    return [
        {"path": path, "line": number, "text": line[:_LONGEST_LINE].decode("utf-8", "replace")}
        for number, line in enumerate(data.splitlines(), 1)
        if wanted in line
    ]


def _found(parameters: Parameters, matched: list[Json]) -> Json:
    kept = matched[:MOST_FOUND]
    told: dict[str, Json] = {"path": parameters.path, "pattern": parameters.pattern, "matches": kept}
    return {**told, "count": len(kept), "truncated": len(matched) > MOST_FOUND}


_MODES: Mapping[Mode, Callable[[Parameters, Context], Json]] = {Mode.LS: _ls, Mode.GLOB: _glob, Mode.GREP: _grep}
