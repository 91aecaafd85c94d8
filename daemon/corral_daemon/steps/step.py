"""One attempt of a node: its parameters read, its function run within its time, its result as the hub can store it."""

import asyncio
import dataclasses
import inspect
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from corral_daemon import clock
from corral_daemon.machine import Machine
from corral_daemon.nodes.node import Chosen, Context, NodeFailed, NodeType, Spawn
from corral_daemon.steps.silence import not_silent
from corral_daemon.steps.voice import Voice
from corral_daemon.storable import problem_of, readable
from corral_protocol.codec import Json, Malformed, decode, encode
from corral_protocol.nodes import NodeAssigned, NodeResult, Wish
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import ErrorClass

log = logging.getLogger(__name__)


async def perform(
    assigned: NodeAssigned,
    kind: NodeType | None,
    workspace: Path,
    spawn: Spawn,
    voice: Voice,
    machine: Machine | None = None,
) -> NodeResult:
    """Return how the attempt ended; nothing but being cancelled is raised."""
    begun = clock.steady()
    try:
        async with asyncio.timeout(assigned.timeout), not_silent(voice, assigned.heartbeat_timeout):
            result = await _run(assigned, kind, workspace, spawn, voice, machine or Machine())
    except TimeoutError:
        result = _failed(ErrorClass.TIMEOUT, f"it ran longer than {assigned.timeout or 0:g} s")
    except NodeFailed as failure:
        result = replace(_failed(failure.kind, str(failure), failure.retry_after), output=failure.output)
    except Malformed as error:
        result = _failed(ErrorClass.BAD_INPUT, f"parameters{error.pointer}: {error.problem}")
    except OSError as error:
        result = _failed(ErrorClass.NODE_CRASHED, f"{type(error).__name__}: {error}")
    except Exception as error:  # a stranger's mistake must leave the attempt an end, and the daemon running
        log.exception("event=node_crashed node=%s run_id=%s key=%s", assigned.node, assigned.run_id, assigned.key)
        result = _failed(ErrorClass.NODE_CRASHED, f"{type(error).__name__}: {error}")
    return _storable(replace(result, logs=voice.rest(), duration=clock.steady() - begun))


async def _run(
    assigned: NodeAssigned,
    kind: NodeType | None,
    workspace: Path,
    spawn: Spawn,
    voice: Voice,
    machine: Machine,
) -> NodeResult:
    if kind is None:
        raise NodeFailed(ErrorClass.NODE_MISSING, f"this machine has no node of type {assigned.node!r} any more")
    parameters = decode(kind.parameters, dict(assigned.parameters))
    context = Context(
        run_id=assigned.run_id,
        key=assigned.key,
        attempt=assigned.attempt,
        idempotency_key=assigned.idempotency_key,
        workspace=workspace,
        inputs=assigned.inputs,
        sources=assigned.sources,
        parts=assigned.parts,
        log=voice.log,
        progress=voice.progress,
        spawn=spawn,
        machine=machine,
    )
    if not _is_there(workspace):
        await asyncio.to_thread(workspace.mkdir, mode=0o700, parents=True, exist_ok=True)
    if inspect.iscoroutinefunction(kind.run):
        given = await kind.run(parameters, context)
    else:  # it may block: not on our loop
        given = await asyncio.to_thread(kind.run, parameters, context)
    return _result(given)


def _is_there(folder: Path) -> bool:
    """One look, which is cheaper than asking a thread to make what is there."""
    return folder.is_dir()


def _result(given: Any) -> NodeResult:
    if isinstance(given, Wish):
        return NodeResult(wish=encode(given))
    if isinstance(given, Chosen):
        return NodeResult(output=_plain(given.output), handles=given.handles)
    return NodeResult(output=_plain(given))


def _plain(output: Any) -> Json:
    return encode(output) if dataclasses.is_dataclass(output) else output


def _failed(kind: ErrorClass, message: str, retry_after: float | None = None) -> NodeResult:
    return NodeResult(error=UnitError(kind=kind, message=readable(message), retry_after=retry_after))


def _storable(result: NodeResult) -> NodeResult:
    for name in ("output", "wish"):
        try:
            problem = problem_of(getattr(result, name))
        except (TypeError, ValueError) as error:
            problem = str(error)
        if problem is not None:
            error = result.error or UnitError(
                kind=ErrorClass.RESULT_UNREADABLE, message=readable(f"the {name} cannot be stored: {problem}")
            )
            result = replace(result, error=error, output=None, wish=None)
    return result
