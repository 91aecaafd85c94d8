"""A unit in a terminal: what is written down for the daemons after this one, and how its end is judged. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corral_daemon.processes.ending import Exit
from corral_daemon.units import outcome
from corral_daemon.units.job import Job, read_job
from corral_protocol.codec import Json, Malformed, decode, encode
from corral_protocol.outcome import UnitError
from corral_protocol.to_daemon import TaskAssigned
from corral_protocol.vocabulary import ErrorClass

_KEPT = ("kind", "agent", "directory", "timeout")
"""What of `run` matters once the process is there."""


@dataclass(frozen=True, slots=True)
class Resident:
    job: Job
    begun: float


def note(job: Job, begun: float) -> Mapping[str, Any]:
    """Return what a later daemon needs; neither the credential nor what the agent was told. `begun`: Unix time."""
    message = job.message
    run = {name: value for name, value in encode(job.run).items() if name in _KEPT}
    kept = TaskAssigned(
        task_id=message.task_id,
        title=message.title,
        attempt=message.attempt,
        epoch=message.epoch,
        phase=message.phase,
        session_id=message.session_id,
        structured_spec={"run": run},
    )
    return {"assigned": encode(kept), "begun": begun}


def read_note(written: Mapping[str, Any]) -> Resident | None:
    """Return what an earlier daemon wrote; None if this one does not understand it."""
    try:
        job = read_job(decode(TaskAssigned, {k: v for k, v in written["assigned"].items() if k != "type"}))
        begun = float(written["begun"])
    except (Malformed, LookupError, TypeError, ValueError, AttributeError):
        return None
    return Resident(job, begun) if isinstance(job, Job) else None


def judge(
    ended: Exit, stop: UnitError | None, result: Json, screen: Sequence[str], unreadable: UnitError | None = None
) -> UnitError | None:
    """Return why the unit failed, or None. `screen`: the last lines that could be read there. `unreadable`: its result.

    An agent that leaves with 0 has done its work only if it wrote a result; a person may have closed it.
    """
    error = outcome.judge(ended, stop, "\n".join(screen).encode())
    if error is not None or unreadable is not None or result is not None:
        return error or unreadable
    return UnitError(
        kind=ErrorClass.AGENT_FAILED,
        message="its terminal was closed before the task was completed: the agent left with exit code 0, neither"
        " `corral task complete` was run nor a result written",
    )
