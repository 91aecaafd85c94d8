"""Read a text file of the workflow's folder."""

from dataclasses import dataclass

from corral_daemon.confined import files
from corral_daemon.nodes.node import Context, node
from corral_protocol.json_schema import about

_LONGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    file_path: str = about(description="below the workflow's folder on this machine")
    offset: int = about(0, description="lines to leave out at the beginning", minimum=0)
    limit: int = about(100, description="lines", minimum=1, maximum=10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`content`: numbered lines, as `cat -n` shows them; `text`: the same lines as they are."""

    content: str
    file_path: str
    text: str
    total_lines: int


@node("fileRead", title="Read a file", category="files")
def file_read(parameters: Parameters, context: Context) -> Result:
    """Reads lines of a file; files outside the workflow's folder and links are refused."""
    data = files.read(files.spot(context.workspace, parameters.file_path))
    lines = data.decode("utf-8", "replace").splitlines()
    chosen = lines[parameters.offset : parameters.offset + parameters.limit]
    numbered = (f"{number:6}\t{line[:_LONGEST]}" for number, line in enumerate(chosen, parameters.offset + 1))
    return Result(
        content="\n".join(numbered),
        file_path=parameters.file_path,
        text="\n".join(chosen),
        total_lines=len(lines),
    )
