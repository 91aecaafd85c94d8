"""What was asked: an assignment with its specification read and checked. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from corral_daemon.ports import Unit
from corral_protocol.codec import Malformed
from corral_protocol.run import Run, StructuredSpec, read_spec
from corral_protocol.to_daemon import TaskAssigned

DIRECTORIES = ("scratch", "repo", "worktree")
_MODEL = re.compile(r"[A-Za-z0-9][\w.:/@\[\]-]*")
_UNSAFE = re.compile(r"[^A-Za-z0-9-]")


@dataclass(frozen=True, slots=True)
class Job:
    message: TaskAssigned
    spec: StructuredSpec
    raw: Mapping[str, Any]

    @property
    def run(self) -> Run:
        return self.spec.run

    @property
    def unit(self) -> Unit:
        message = self.message
        return Unit(task_id=message.task_id, attempt=message.attempt, epoch=message.epoch, phase=message.phase)

    @property
    def key(self) -> tuple[str, int]:
        return self.message.task_id, self.message.epoch

    @property
    def repo(self) -> str | None:
        return self.message.target_repo or self.spec.requires.repo

    @property
    def name(self) -> str:
        """The task's id, fit for a file name."""
        return _UNSAFE.sub("-", self.message.task_id)[:64] or "task"

    @property
    def short(self) -> str:
        return self.name[:8].strip("-") or "task"


@dataclass(frozen=True, slots=True)
class Declined:
    """Why the unit is not taken: `bad_spec`, `manual`, `no_slot`, `draining` or `disk_full`."""

    code: str
    detail: str


def read_job(message: TaskAssigned) -> Job | Declined:
    raw = message.structured_spec
    try:
        spec = read_spec(raw)
        _check(spec.run)
        if spec.run.kind == "session" and not message.session_id:
            raise Malformed("/run/kind", "the hub named no session for it")
    except Malformed as error:
        return Declined("bad_spec", f"structured_spec{error.pointer}: {error.problem}")
    if spec.run.kind == "manual":
        return Declined("manual", "the task does not say how it runs (structured_spec.run), so a person does it")
    return Job(message, spec, raw if isinstance(raw, dict) else {})


def admit(job: Job | Declined, *, draining: bool, used: int, most: int, full: bool) -> Job | Declined:
    """Decide whether there is a place for the job. `used` does not count a unit that this one replaces.

    `full`: so is the disk. Whatever began on it would fail, and the next, and so on: this host would eat the queue.
    """
    if isinstance(job, Declined):
        return job
    if draining:
        return Declined("draining", "the daemon takes no new units")
    if used >= most:
        return Declined("no_slot", f"{used} of {most} slots are taken")
    if full:
        return Declined("disk_full", "there is no room on the disk of the daemon's state directory")
    return job


def _check(run: Run) -> None:
    if run.kind not in _KINDS:
        raise Malformed("/run/kind", f"must be one of {', '.join(_KINDS)}")
    if run.directory not in DIRECTORIES:
        raise Malformed("/run/directory", f"must be one of {', '.join(DIRECTORIES)}")
    if run.timeout is not None and not 0 < run.timeout < float("inf"):
        raise Malformed("/run/timeout", "must be a number of seconds above 0")
    if run.merge and run.directory != "worktree":
        raise Malformed("/run/merge", 'needs /run/directory to be "worktree"')
    for name, value in run.env.items():
        if not name or "=" in name or "\0" in name + value:
            raise Malformed(f"/run/env/{name}", "is not a name and value of an environment variable")
    _KINDS[run.kind](run)


def _check_command(run: Run) -> None:
    if (run.argv is None) == (run.shell is None):
        raise Malformed("/run/argv", "a command has argv or shell, exactly one of them")
    words = run.argv if run.argv is not None else (run.shell or "",)
    if not words or not words[0].strip():
        raise Malformed("/run/argv" if run.argv is not None else "/run/shell", "is empty")
    if any("\0" in word for word in words):
        raise Malformed("/run/argv" if run.argv is not None else "/run/shell", "holds a NUL character")


def _check_agent(run: Run) -> None:
    if not run.agent:
        raise Malformed("/run/agent", "is required: the name of an agent CLI")
    if run.model is not None and not _MODEL.fullmatch(run.model):
        raise Malformed("/run/model", "is not the name of a model")
    if any("\0" in word for word in run.arguments):
        raise Malformed("/run/arguments", "holds a NUL character")


def _check_session(run: Run) -> None:
    _check_agent(run)
    if run.merge:
        raise Malformed("/run/merge", "an agent in a session merges, or a person does")


def _check_nothing(run: Run) -> None:
    return None


_KINDS: Mapping[str, Callable[[Run], None]] = {
    "command": _check_command,
    "agent": _check_agent,
    "session": _check_session,
    "manual": _check_nothing,
}
