"""Units of tasks: the link brings them in, the runner does them, the reporter tells."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from corral_protocol.codec import Json
from corral_protocol.outcome import Outcome
from corral_protocol.to_daemon import TaskAssigned
from corral_protocol.to_hub import HeldUnit
from corral_protocol.vocabulary import Phase, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One dispatch of a task; (task_id, epoch) is its key."""

    task_id: str
    attempt: int
    epoch: int
    phase: Phase = Phase.EXECUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerSettings:
    """What the runner may know of the configuration. `repos` maps a name to a path; `grace` is seconds TERM → KILL."""

    state_dir: Path
    repos: Mapping[str, str] = field(default_factory=dict)
    max_concurrent: int = 1
    hub_url: str = ""
    server_name: str = ""
    grace: float = 10.0


class Reporter(Protocol):
    """Takes down what happened to a unit so that a crash cannot lose it. Calls of one unit must not overlap.

    Records are written in the order of the calls. `accepted` and `started` return as soon as the record is queued, so
    they cost no disk wait and may be called right before and after the spawn; the rest return when the record is
    committed, so they wait while the disk is full. Nothing reaches the hub before it is committed. They raise
    SpoolClosed after the daemon has closed its spool.
    """

    @property
    def room(self) -> "Event":
        """Set while there is room for output: the back-pressure on processes that print more than the hub takes."""
        ...

    def has_ended(self, task_id: str, epoch: int) -> bool:
        """Whether the end of this unit was reported, by this daemon or an earlier one."""
        ...

    def has_started(self, task_id: str, epoch: int) -> bool:
        """Whether an earlier daemon reported the start of this unit and not its end."""
        ...

    async def accepted(self, assigned: TaskAssigned, cookie: str) -> None:
        """Journal the unit before its process exists; `cookie` finds the process tree again after a crash.

        No cookie: its processes may outlive this daemon.
        """
        ...

    async def started(self, unit: Unit, pid: int | None, at: float) -> None:
        """The process exists. `at` is Unix time."""
        ...

    async def output(self, unit: Unit, stream: Stream, offset: int, data: bytes) -> None:
        """`data` starts at byte `offset` of this unit's stream."""
        ...

    async def planned(self, unit: Unit, plan: Json) -> None:
        """The plan phase ended with a plan. Ends the unit."""
        ...

    async def finished(self, unit: Unit, outcome: Outcome) -> None:
        """The whole process tree is gone. Ends the unit; the next disk write makes it final even if we crash."""
        ...

    async def declined(self, unit: Unit, code: str, detail: str) -> None:
        """Nothing was started, with or without `accepted` before. Ends the unit."""
        ...


class Event(Protocol):
    """The part of asyncio.Event that others may use."""

    def is_set(self) -> bool: ...

    async def wait(self) -> bool: ...


class Work(Protocol):
    """The runner, as the link sees it. Calls come one at a time, in the order the hub sent them."""

    @property
    def idle(self) -> Event:
        """Set while no unit is held."""
        ...

    @property
    def free(self) -> Event:
        """Set while no unit is held that ends with this daemon: those in terminals go on without it."""
        ...

    async def take_up(self) -> None:
        """Take in hand again what an earlier daemon left running in terminals; before anything else."""
        ...

    async def assign(self, message: TaskAssigned) -> None:
        """Take the unit in hand, or decline it; return without waiting for its end. A held key is ignored."""
        ...

    async def cancel(self, task_id: str, epoch: int, reason: str, grace: float, after: float = 0.0) -> None:
        """Begin to stop the unit, in `after` seconds; return without waiting. An unknown key is ignored."""
        ...

    async def refuse(self, task_id: str, epoch: int) -> None:
        """The hub gave this unit to somebody else: kill its tree and report nothing more than its end."""
        ...

    def held(self) -> tuple[HeldUnit, ...]:
        """Every unit from `accepted` until its last report is committed."""
        ...

    def capacity(self) -> tuple[int, int]:
        """(used, max) slots."""
        ...

    def drain(self) -> None:
        """Decline new units from now on with code `draining`; held ones go on."""
        ...

    async def close(self, grace: float) -> None:
        """Stop everything: TERM, `grace` seconds, KILL; report each as ErrorClass.DAEMON_RESTARTED; then return.

        But not what runs in terminals: the next daemon takes it up.
        """
        ...


KillCookie = Callable[[str, float], Awaitable[int]]
"""`kill_cookie(cookie, grace)`: stop every process that carries the cookie; returns how many there were."""
