"""How a unit ended: from an exit, a reason to stop and a result file to an Outcome. Pure."""

import errno
import json
import signal
from dataclasses import replace
from typing import Any

from corral_daemon.processes.ending import Exit
from corral_protocol.codec import Json
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import ErrorClass

RESULT_LIMIT = 1 << 20
_LINES = 20
_CHARACTERS = 4000
_SUMMARY = 500


class UnitFailed(Exception):
    """The unit cannot go on; the error goes to the hub as it is."""

    def __init__(self, kind: ErrorClass, message: str) -> None:
        super().__init__(message)
        self.error = UnitError(kind=kind, message=message)


_SYSTEM_ERRORS = {errno.ENOSPC: ErrorClass.DISK_FULL, errno.EDQUOT: ErrorClass.DISK_FULL}


def system_error(number: int | None, otherwise: ErrorClass) -> ErrorClass:
    return _SYSTEM_ERRORS.get(number or 0, otherwise)


def judge(ended: Exit, stop: UnitError | None, errors: bytes, problem: str | None = None) -> UnitError | None:
    """Return why the unit failed, or None. `stop` is why we stopped it, `errors` the end of its stderr.

    `problem` is what an agent says of its failure: it comes before an exit code, and tells why it took too long.
    """
    if ended.lost:
        return stop or UnitError(kind=ErrorClass.KILLED, message="the process that watched over the unit was killed")
    if ended.ordered and stop:
        late = stop.kind is ErrorClass.TIMEOUT
        return replace(stop, message=_with_tail(stop.message, _last_word(problem, errors))) if late else stop
    if ended.signal is not None:
        return UnitError(kind=ErrorClass.KILLED, message=_with_tail(f"killed by {signal_name(ended.signal)}", errors))
    if problem:
        return UnitError(kind=ErrorClass.AGENT_FAILED, message=problem)
    if ended.code:
        return UnitError(kind=ErrorClass.EXIT_NONZERO, message=_with_tail(f"exit code {ended.code}", errors))
    return None


def read_result(data: bytes | None) -> Json:
    """Return what $CORRAL_RESULT holds; None where there is nothing. Raises UnitFailed."""
    if data is None or not data.strip():
        return None
    if len(data) > RESULT_LIMIT:
        raise UnitFailed(ErrorClass.RESULT_UNREADABLE, f"$CORRAL_RESULT holds more than {RESULT_LIMIT} bytes")
    try:
        return json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnitFailed(ErrorClass.RESULT_UNREADABLE, f"$CORRAL_RESULT is not JSON: {error}") from error


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not a JSON value")


def merge_results(written: Json, said: Json) -> Json:
    """What the unit wrote comes before what its output says; a missing summary is filled in."""
    if written is None:
        return said
    if isinstance(written, dict) and isinstance(said, dict):
        return {**{key: value for key, value in said.items() if key == "summary"}, **written}
    return written


def summarize(output: bytes) -> Json:
    """Return the last line of the output as a summary, for a unit that wrote no result."""
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return {"summary": lines[-1][:_SUMMARY]} if lines else {}


def plan_of(result: Json) -> Json:
    """Return the plan in a result of the plan phase: its `plan` if it has one, else the whole."""
    return result["plan"] if isinstance(result, dict) and "plan" in result else result


def missing_contracts(required: tuple[str, ...], result: Json) -> tuple[str, ...]:
    kept = result.get("contracts") if isinstance(result, dict) else None
    return tuple(key for key in required if not isinstance(kept, dict) or key not in kept)


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_word(problem: str | None, errors: bytes) -> bytes:
    return f"the agent's last problem: {problem}".encode() if problem else errors


def _with_tail(text: str, errors: bytes) -> str:
    tail = "\n".join(errors.decode("utf-8", "replace").strip().splitlines()[-_LINES:])[-_CHARACTERS:]
    return f"{text}\n{tail}" if tail else text
