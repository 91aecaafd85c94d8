"""Write or edit a file of the workflow's folder."""

from dataclasses import dataclass
from enum import StrEnum

from corral_daemon.confined import files
from corral_daemon.nodes.node import Context, NodeFailed, node
from corral_protocol.json_schema import about
from corral_protocol.vocabulary import ErrorClass


class Operation(StrEnum):
    WRITE = "write"
    EDIT = "edit"


_EDITS = {"operation": ["edit"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    operation: Operation = Operation.WRITE
    file_path: str = about(description="below the workflow's folder on this machine")
    content: str = about("", description="the whole file", shown_when={"operation": ["write"]})
    old_string: str = about("", description="what to replace, exactly", shown_when=_EDITS)
    new_string: str = about("", shown_when=_EDITS)
    replace_all: bool = about(False, description="wherever it stands, not only where it stands once", shown_when=_EDITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    operation: str
    file_path: str
    occurrences: int = 0


@node("fileModify", title="Write a file", category="files")
def file_modify(parameters: Parameters, context: Context) -> Result:
    """Writes a file whole, or replaces a text in it; files outside the workflow's folder and links are refused."""
    where = files.spot(context.workspace, parameters.file_path)
    if parameters.operation is Operation.WRITE:
        files.write(where, parameters.content.encode("utf-8", "surrogatepass"))
        return Result(operation="write", file_path=parameters.file_path)
    before = files.read(where)
    found = _occurrences(before, parameters)
    old, new = parameters.old_string.encode(), parameters.new_string.encode()
    if len(before) + found * (len(new) - len(old)) > files.MOST_BYTES:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"the file would be larger than {files.MOST_BYTES} bytes")
    files.write(where, before.replace(old, new))
    return Result(operation="edit", file_path=parameters.file_path, occurrences=found)


def _occurrences(before: bytes, parameters: Parameters) -> int:
    if not parameters.old_string:
        raise NodeFailed(ErrorClass.BAD_INPUT, "old_string: it is empty; write the file whole instead")
    found = before.count(parameters.old_string.encode())
    if found == 0:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"old_string does not occur in {parameters.file_path!r}")
    if found > 1 and not parameters.replace_all:
        what = f"old_string occurs {found} times in {parameters.file_path!r}; give more of it, or set replace_all"
        raise NodeFailed(ErrorClass.BAD_INPUT, what)
    return found
