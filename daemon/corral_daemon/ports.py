"""Where the two halves of the daemon meet: the link brings units in, the runner does them, the reporter tells.

The runner never touches a socket or a database; the link never touches a process.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from corral_daemon.processes.ending import Exit
from corral_protocol.codec import Json
from corral_protocol.outcome import Outcome
from corral_protocol.sessions import SessionsHeld
from corral_protocol.to_daemon import Delivery, OfSession, TaskAssigned
from corral_protocol.to_hub import HeldUnit, ToHub
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A terminal for a unit. `environment` is complete; `secrets` are masked in what it shows.

    `said`: the file into which the hooks of its agent write.

    `note` comes back to every daemon that finds the terminal: what it must know to take the unit up again.
    """

    session_id: str
    agent: str
    argv: tuple[str, ...]
    directory: str
    environment: Mapping[str, str]
    secrets: tuple[str, ...]
    said: str
    note: Mapping[str, Any]


class Stage(Protocol):
    """A terminal that a unit runs in, ended or not."""

    @property
    def session_id(self) -> str: ...

    @property
    def pid(self) -> int: ...

    @property
    def note(self) -> Mapping[str, Any]: ...

    async def end(self) -> Exit:
        """Return how it ended, once its whole process tree is gone."""
        ...

    def kill(self, grace: float) -> None:
        """Ask for the end of the whole tree: HUP and TERM now, KILL after `grace` seconds."""
        ...

    def release(self) -> None:
        """How it ended is written down: it may be forgotten now."""
        ...

    async def last_lines(self) -> tuple[str, ...]:
        """Return the last lines it printed, as text; none if nobody can tell."""
        ...


class Stages(Protocol):
    """The terminals, as the runner sees them."""

    async def open(self, opening: Opening) -> Stage:
        """Raises DaemonError."""
        ...

    def give_up(self, session_id: str, why: str) -> None:
        """It will not be opened. Every session that was expected is opened or given up."""
        ...

    def left(self) -> tuple[Stage, ...]:
        """Return those that a unit of an earlier daemon was given."""
        ...


class Mail(Protocol):
    """What people say to the agents in terminals."""

    def take(self, message: Delivery, received: Callable[[int], None]) -> None:
        """See that the agent hears of it; never waits. `received` is called with its number when the hub may forget it.

        That is when it was pasted, or will not be: then it stands in the hub's inbox for whoever asks.
        """
        ...

    async def close(self) -> None: ...


class Terminals(Protocol):
    """The terminal sessions, as the link sees them. `hear` and `take` never wait and never fail."""

    def attach(self, say: Callable[[ToHub], None]) -> SessionsHeld:
        """Say by `say` what happens to sessions from now on; return what is so far.

        That is every session of this machine, ended ones included until the hub has said `session_forget`.
        """
        ...

    async def serve(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Send output in binary frames until cancelled; then nobody is attached any more."""
        ...

    def hear(self, message: OfSession) -> None: ...

    def expect(self, session_id: str) -> None:
        """A unit brings this session along: keep what is said about it until it is there, or is given up."""
        ...

    def take(self, frame: bytes) -> None:
        """A binary frame from the hub."""
        ...

    async def open(self) -> None:
        """Find the sessions that outlived an earlier daemon."""
        ...

    async def close(self) -> None:
        """Let go of the sessions; they go on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether text may be pasted into a session now; `why` ends a sentence that begins with the session's name.

    `pastes`: its program understands bracketed paste (`CSI 200~` … `CSI 201~`).
    """

    ready: bool
    why: str
    pastes: bool = False


class Attentions(Protocol):
    """What the programs in the terminals are doing, for those who have something to tell them."""

    async def ready(self, session_id: str) -> Readiness:
        """Judge by the screen as it is now, never by an earlier look; takes a few hundred milliseconds.

        It is ready only if an agent that we started is in front, its adapter knows that its interface takes text as
        the agent's next instruction, and that holds for two looks in a row. A shell never is. Does not raise: a
        session that is not here, or whose screen nobody can read, is not ready and `why` says so. Paste at once after
        it, without waiting for anything else in between.
        """
        ...

    def listen(self, changed: Callable[[str], None]) -> None:
        """Call `changed` with a session's id, soon after what it does has changed. It must not wait or fail.

        That is the moment to ask whether it is ready; nobody needs to ask again before.
        """
        ...


KillCookie = Callable[[str, float], Awaitable[int]]
"""`kill_cookie(cookie, grace)`: stop every process that carries the cookie; returns how many there were."""
