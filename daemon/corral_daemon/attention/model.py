"""Signals as they were noticed, and the state that they add up to. Pure.

All times are seconds on one clock that never runs backwards.
"""

from dataclasses import dataclass

from corral_daemon.agents.adapter import ScreenText, Sign
from corral_protocol.codec import Json
from corral_protocol.vocabulary import Attention

# -- signals ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """So many bytes of output since the last time this was said."""

    at: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Somebody typed."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The screen was read. `sign`: what the agent's adapter made of it, if there is one."""

    at: float
    screen: ScreenText
    sign: Sign | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The processes in the foreground of the terminal. `name` is that of the first of them.

    `alone`: it is the only one. `state`: R, S, D or T, whichever of theirs says most. `reads`: one is blocked in a
    read from the terminal; None where that cannot be seen.
    """

    pgid: int
    name: str
    alone: bool = True
    state: str = "S"
    reads: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """The processes and the terminal were looked at. `cpu`: seconds that all of the session's processes have used.

    `canonical`: the terminal hands over whole lines. `echoes`: it shows what is typed.
    """

    at: float
    cpu: float = 0.0
    front: Front | None = None
    canonical: bool = True
    echoes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """The bell, or a notification (OSC 9, 777, 99) with its text."""

    at: float
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooked:
    """The agent's own hook said so."""

    at: float
    attention: Attention
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Its first process ended, and with it all others. `lost`: nobody saw how."""

    at: float
    code: int | None = None
    signal: int | None = None
    lost: bool = False


Signal = Moved | Typed | Looked | Sampled | Rang | Hooked | Ended

# -- what they add up to ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """Something that went on from `first` to `last`, without a pause that is worth the name."""

    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Scene:
    """Who is in front of the terminal, and how it is switched, since when.

    `begun`: when they came to the front, or last went on after they had waited for somebody (`resumed`).
    """

    since: float
    begun: float
    resumed: bool
    pgid: int
    alone: bool
    stopped: bool
    reads: bool | None
    canonical: bool
    echoes: bool

    @property
    def hides(self) -> bool:
        """Whether a line is wanted, and not shown while it is typed."""
        return self.canonical and not self.echoes


@dataclass(frozen=True, slots=True)
class Shown:
    """A sign of the agent's adapter (or none), and since when its screen shows it."""

    since: float
    sign: Sign | None


@dataclass(frozen=True, slots=True)
class Asked:
    """The line on which the cursor stood when a program began to wait there. `row`: of the screen."""

    since: float
    line: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`output`: what was printed but for echoes. `moved`: the last output of any kind. `busy`: use of the CPU.

    `share`: of one CPU, between the last two samples. `settled`: the sign before `shown`, if that had lasted.
    """

    began: float | None = None
    latest: float = 0.0
    moved: float | None = None
    typed: float | None = None
    output: Run | None = None
    busy: Run | None = None
    share: float = 0.0
    sample: Sampled | None = None
    scene: Scene | None = None
    look: Looked | None = None
    shown: Shown | None = None
    settled: Shown | None = None
    asked: Asked | None = None
    rang: Rang | None = None
    hook: Hooked | None = None
    ended: Ended | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`why` ends a sentence that begins with the session's name. `since`: when the evidence began.

    `lasts`: it holds until something is printed or typed, so that nobody has to look again before.
    """

    attention: Attention
    why: str
    since: float
    evidence: Json = None
    lasts: bool = False
