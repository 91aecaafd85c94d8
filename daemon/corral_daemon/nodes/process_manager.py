"""Start and stop processes that go on after the node."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from corral_daemon.background.background import Background
from corral_daemon.background.process import FOLDER, Process, Wanted
from corral_daemon.confined import files
from corral_daemon.nodes.node import Context, NodeFailed, node
from corral_daemon.units.environment import inherited
from corral_protocol.codec import Json
from corral_protocol.json_schema import about
from corral_protocol.vocabulary import ErrorClass

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Operation(StrEnum):
    START = "start"
    STOP = "stop"
    RESTART = "restart"
    SEND_INPUT = "send_input"
    LIST = "list"
    GET_OUTPUT = "get_output"


class Stream(StrEnum):
    STDOUT = "stdout"
    STDERR = "stderr"


_START = {"operation": ["start"]}
_OUTPUT = {"operation": ["get_output"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `processManager`."""

    toolName: str = "process_manager"
    toolDescription: str = ""
    operation: Operation = Operation.START
    name: str = about("", description="what to call it; one that runs has its name alone")
    command: str = about("", description="a line for /bin/sh", shown_when=_START)
    working_directory: str = about("", description="below the workflow's folder", shown_when=_START)
    text: str = about("", description="a line for its standard input", shown_when={"operation": ["send_input"]})
    stream: Stream = about(Stream.STDOUT, shown_when=_OUTPUT)
    tail: int = about(50, description="newest lines", minimum=1, maximum=1000, shown_when=_OUTPUT)
    offset: int | None = about(None, description="lines from this number on, instead", minimum=0, shown_when=_OUTPUT)


@node("processManager", title="Background process", category="system")
async def process_manager(parameters: Parameters, context: Context) -> Json:
    """Starts, stops, feeds and reads processes that live on with this machine's daemon: at most 10 of a workflow."""
    background = context.machine.background
    if background is None:
        raise NodeFailed(ErrorClass.SPAWN_FAILED, "nothing keeps processes here")
    if parameters.operation is Operation.LIST:
        return {"processes": [_told(process) for process in background.of(context.workspace)]}
    if not _NAME.fullmatch(parameters.name):
        raise NodeFailed(ErrorClass.BAD_INPUT, "name: letters, digits, dots, dashes and underscores, at most 64")
    return await _OPERATIONS[parameters.operation](parameters, context, background)


async def _start(parameters: Parameters, context: Context, background: Background) -> Json:
    if not parameters.command.strip():
        raise NodeFailed(ErrorClass.BAD_INPUT, "command: start needs one")
    where = files.spot(context.workspace, parameters.working_directory)
    await asyncio.to_thread(files.listing, where)  # it is there, and no link leads to it
    wanted = Wanted(
        name=parameters.name,
        command=parameters.command,
        workspace=context.workspace,
        directory=str(context.workspace.joinpath(*where.names)),
        environment=inherited(os.environ, ()),
    )
    return _told(await background.start(wanted))


async def _stop(parameters: Parameters, context: Context, background: Background) -> Json:
    process = background.get(context.workspace, parameters.name)
    if process.running:
        await process.stop()
    return _told(process)


async def _restart(parameters: Parameters, context: Context, background: Background) -> Json:
    return _told(await background.restart(context.workspace, parameters.name))


async def _send_input(parameters: Parameters, context: Context, background: Background) -> Json:
    process = background.get(context.workspace, parameters.name)
    if not process.running:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"{parameters.name!r} does not run any more")
    process.send(f"{parameters.text}\n".encode())
    return {**_told(process), "sent": len(parameters.text) + 1}


async def _get_output(parameters: Parameters, context: Context, background: Background) -> Json:
    process = background.get(context.workspace, parameters.name)
    lines = (process.stderr if parameters.stream is Stream.STDERR else process.stdout).lines
    found = lines.newest(parameters.tail) if parameters.offset is None else lines.from_line(parameters.offset)
    return {**_told(process), "stream": parameters.stream.value, "lines": list[Json](found), "total": lines.total}


def _told(process: Process) -> dict[str, Json]:
    wanted = process.wanted
    return {
        "name": wanted.name,
        "command": wanted.command,
        "pid": process.pid,
        "status": process.status,
        "started_at": process.started_at,
        "exit_code": process.exit_code,
        "working_directory": os.path.relpath(wanted.directory, wanted.workspace),
        "stdout_lines": process.stdout.lines.total,
        "stderr_lines": process.stderr.lines.total,
        "log_dir": f"{FOLDER}/{wanted.name}",
    }


_OPERATIONS: Mapping[Operation, Callable[[Parameters, Context, Background], Awaitable[Json]]] = {
    Operation.START: _start,
    Operation.STOP: _stop,
    Operation.RESTART: _restart,
    Operation.SEND_INPUT: _send_input,
    Operation.GET_OUTPUT: _get_output,
}
