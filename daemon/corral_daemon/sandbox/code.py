"""Code of a node: run behind walls, and what it came to."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from corral_daemon.failure import NodeFailed
from corral_daemon.ports import Ran, Spawn
from corral_daemon.sandbox import box
from corral_daemon.sandbox.box import Program
from corral_daemon.sandbox.launch import OVER_MEMORY
from corral_daemon.sandbox.limits import MIB, Limits
from corral_daemon.sandbox.walls import mason
from corral_daemon.storable import MAX_LENGTH
from corral_protocol.codec import Json
from corral_protocol.vocabulary import ErrorClass

_SIGXCPU = 128 + 24
_TOLD = 2_000


@dataclass(frozen=True, slots=True)
class Came:
    """What the code put out, and what it printed."""

    output: Json
    printed: str


class Around(Protocol):
    """The part of a node's context that code is run with."""

    @property
    def workspace(self) -> Path: ...

    @property
    def spawn(self) -> Spawn: ...

    @property
    def log(self) -> Callable[[str], None]: ...

    def inputs_by_type(self) -> Mapping[str, Json]: ...


def limits(timeout: float, memory_mb: int, processes: int) -> Limits:
    return Limits(cpu=int(timeout) + 1, memory=memory_mb * MIB, processes=processes)


async def run_code(program: Program, code: str, context: Around, allowed: Limits, seconds: float) -> Came:
    """Run it with the node's inputs as `input_data`, by the types of the nodes before it. Raises NodeFailed."""
    walls = await mason.walls()
    if walls.bwrap is None:
        raise NodeFailed(ErrorClass.SPAWN_FAILED, walls.problem)
    given = {"code": code, "input_data": context.inputs_by_type(), "workspace_dir": box.WORKSPACE}
    argv = await asyncio.to_thread(box.command, walls.bwrap, program, context.workspace, allowed)
    try:
        async with asyncio.timeout(seconds):
            ran = await context.spawn(
                argv,
                directory=context.workspace,
                environment={},
                stdin=json.dumps(given).encode(),
                limit=MAX_LENGTH + MIB,
            )
    except TimeoutError as error:
        raise NodeFailed(ErrorClass.TIMEOUT, f"the code ran longer than {seconds:g} s") from error
    return _judge(ran, context, allowed)


def _judge(ran: Ran, context: Around, allowed: Limits) -> Came:
    said = _read(ran.stdout)
    if said is None:
        raise _broken(ran, allowed)
    printed = str(said.get("console_output", ""))
    for line in printed.splitlines():
        context.log(line)
    if "error" in said:
        trace = str(said.get("traceback", ""))
        context.log(trace)
        raise NodeFailed(ErrorClass.EXIT_NONZERO, str(said["error"]), {"console_output": printed, "traceback": trace})
    return Came(said.get("output"), printed)


def _read(data: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _broken(ran: Ran, allowed: Limits) -> NodeFailed:
    told = ran.stderr.decode("utf-8", "replace")[-_TOLD:]
    if ran.exit_code == OVER_MEMORY:
        return NodeFailed(ErrorClass.KILLED, f"the code used more than {allowed.memory // MIB} MiB of memory")
    if ran.exit_code == _SIGXCPU:
        return NodeFailed(ErrorClass.TIMEOUT, f"the code used more than {allowed.cpu} s of processor time")
    if ran.truncated:
        return NodeFailed(ErrorClass.RESULT_UNREADABLE, f"the output is longer than {MAX_LENGTH // MIB} MiB")
    how = f"with {ran.exit_code}" if ran.exit_code is not None else f"by signal {ran.signal}"
    return NodeFailed(ErrorClass.KILLED, f"the code ended {how} and put nothing out: {told}")
