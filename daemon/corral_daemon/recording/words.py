"""What the daemon and its scribe say to each other about recordings; part of `scribe/messages.py`."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a session is to be recorded. `began`: Unix time of its start. `told`: the hub has said so of late."""

    began: float
    on: bool
    limit: int
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Record a session from now on, or do not."""

    TYPE: ClassVar = "record"
    session_id: str
    wanted: Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """There will be no more output: finish its recording."""

    TYPE: ClassVar = "ended"
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Whether there is room for more segments."""

    TYPE: ClassVar = "room"
    there: bool


# -- scribe → daemon --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """There is a new segment on the session's shelf."""

    TYPE: ClassVar = "recorded"
    session_id: str
    number: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The session was forgotten, and its recording is complete: nobody needs its ring here."""

    TYPE: ClassVar = "closed"
    session_id: str
