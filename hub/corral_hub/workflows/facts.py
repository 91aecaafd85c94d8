"""What can happen to a run. They are its history as well: the same facts give the same run again. Pure.

`TYPE` are the event names of the seed ("event history"). A fact about an attempt that is not the present one, or about
a run that has ended, changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from corral_protocol.codec import Json, table
from corral_protocol.outcome import UnitError


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """`trigger`: the node that fired, with what it put out; `idle`: triggers that did not. `pinned`: outputs given.

    `origin`: the run that is tried again.
    """

    TYPE: ClassVar = "workflow_started"
    trigger: str | None = None
    payload: Json = None
    inputs: Json = None
    idle: tuple[str, ...] = ()
    pinned: Mapping[str, Json] = field(default_factory=dict[str, Json])
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    TYPE: ClassVar = "node_started"
    key: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """`handles`: the only source handles whose edges may be live; None: all. `cached`: an older result stood in."""

    TYPE: ClassVar = "node_completed"
    key: str
    attempt: int
    output: Json = None
    handles: tuple[str, ...] | None = None
    cached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """`chance`: a number from [0, 1) that spreads the next attempts of many."""

    TYPE: ClassVar = "node_failed"
    key: str
    attempt: int
    error: UnitError
    chance: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """The node asked the hub for something that takes time: `wish` says for what (a timer, an approval, a task…)."""

    TYPE: ClassVar = "node_waiting"
    key: str
    attempt: int
    wish: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Its machine is gone, or has forgotten it."""

    TYPE: ClassVar = "node_lost"
    key: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The time of its next attempt has come."""

    TYPE: ClassVar = "node_due"
    key: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """Nothing new begins; what runs goes on."""

    TYPE: ClassVar = "workflow_paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued:
    TYPE: ClassVar = "workflow_continued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    TYPE: ClassVar = "workflow_cancelled"
    reason: str = ""


Fact = Begun | Started | Completed | Failed | Suspended | Lost | Due | Paused | Continued | Cancelled
FACTS: Mapping[str, type[Fact]] = table(
    Begun, Started, Completed, Failed, Suspended, Lost, Due, Paused, Continued, Cancelled
)
"""By the type that a history's row has."""
