"""What to send next of one session's output, and when to stop waiting for a consumer. Pure; times are steady seconds.

`offset` is the next byte to take from the ring, everything before `acked` was taken by the consumer. The ring keeps
what is not acknowledged as long as the consumer makes progress: then the program is slowed down, as by any terminal.
One that makes none for PATIENCE is let go: the ring goes round, and if it comes back too late, it begins again with a
snapshot. A consumer need not acknowledge less than a FRAME: of one that owes no more, nothing is known but good.
"""

from dataclasses import dataclass, replace

WINDOW = 1 << 20
"""Bytes that may be on their way to the consumer."""
FRAME = 1 << 16
PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class State:
    """`since`: when something became outstanding, or was last acknowledged while something was; None: nothing is."""

    offset: int
    acked: int
    since: float | None = None
    patient: bool = True

    @property
    def floor(self) -> int | None:
        """The oldest byte the ring has to keep for this consumer; None: it need not."""
        return self.acked if self.patient else None

    @property
    def is_held_up(self) -> bool:
        """Whether what comes next depends on what the consumer says, not on the ring."""
        return self.offset - self.acked >= WINDOW or not self.patient

    @property
    def owes(self) -> bool:
        """Whether the consumer has to say something."""
        return self.offset - self.acked >= FRAME


@dataclass(frozen=True, slots=True)
class Send:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to send, or no room in the window."""


@dataclass(frozen=True, slots=True)
class Resync:
    """What would come next was overwritten: begin again with a snapshot."""


def begin(offset: int, head: int, now: float) -> State:
    return State(offset, offset, now if head > offset else None)


def step(state: State, head: int, tail: int, window: int = WINDOW) -> Send | Wait | Resync:
    """Return what to do now. A consumer that was let go is not spoken to before it has taken what is on its way."""
    if state.offset < tail:
        return Wait() if state.owes and not state.patient else Resync()
    end = min(head, state.offset + FRAME, state.acked + window)
    return Send(state.offset, end) if end > state.offset else Wait()


def sent(state: State, end: int, head: int, now: float) -> State:
    return _settled(replace(state, offset=end), head, state.since if state.since is not None else now)


def moved(state: State, now: float) -> State:
    """The ring has more than before."""
    return state if state.since is not None else replace(state, since=now)


def acknowledged(state: State, upto: int, head: int, now: float) -> State:
    """The consumer took everything before `upto`; what was never sent it cannot have taken."""
    acked = min(upto, state.offset)
    if acked <= state.acked:
        return state
    return _settled(replace(state, acked=acked, patient=True), head, now)


def tick(state: State, now: float) -> State:
    """Lose patience with a consumer that has made no progress."""
    overdue = state.since is not None and now - state.since >= PATIENCE
    return replace(state, patient=False) if overdue and state.patient else state


def due(state: State) -> float | None:
    """Return when to call `tick`, if ever."""
    return state.since + PATIENCE if state.since is not None and state.patient else None


def _settled(state: State, head: int, since: float) -> State:
    """Outstanding is what was not sent, and what was sent and ought to have been acknowledged."""
    if state.owes or head > state.offset:
        return replace(state, since=since)
    return replace(state, since=None, patient=True)
