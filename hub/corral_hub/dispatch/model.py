"""What dispatch looks at and what it answers."""

from dataclasses import dataclass
from uuid import UUID

from corral_protocol.capabilities import Capabilities
from corral_protocol.run import Requirements


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerView:
    """A machine as dispatch sees it. `managed`: runs units by itself; others only host agents' sessions.

    `terminals`: has sessions whose bytes are numbered.
    """

    id: UUID
    name: str
    version: int
    capabilities: Capabilities
    project_id: UUID | None = None
    connected: bool = True
    managed: bool = True
    terminals: bool = False
    cordoned: bool = False
    draining: bool = False
    maximum: int = 1
    used: int = 0

    @property
    def free(self) -> bool:
        return self.used < self.maximum


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one piece of work asks of a machine. Equal ones are ranked once."""

    requirements: Requirements
    project_id: UUID
    managed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One rule's contribution. A hard rule that did not pass removes the server."""

    rule: str
    hard: bool
    passed: bool
    score: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`eligible`: no hard rule removed the server. `placeable`: eligible, online and with a free slot, now."""

    server: ServerView
    parts: tuple[Part, ...]
    eligible: bool
    placeable: bool
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A decision with everything needed to recompute it: the fleet as it was, and each member's load."""

    server: ServerView
    score: int
    wanted: Wanted
    fleet_id: int
    loads: bytes
