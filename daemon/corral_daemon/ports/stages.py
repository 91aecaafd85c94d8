"""Terminals as those need them who have a program run there, or something to tell it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from corral_daemon.processes.ending import Exit
from corral_protocol.to_daemon import Delivery


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
