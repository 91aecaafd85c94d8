"""One session as it is watched: what is noticed between two looks, what it adds up to, what was judged."""

from pathlib import Path

from corral_daemon.agents.adapter import Adapter, Attentive, Hooking, ScreenText, Sign
from corral_daemon.attention.ear import Ear
from corral_daemon.attention.model import Ended, Hooked, Looked, Moved, Rang, Sampled, Signal, State, Typed, Verdict
from corral_daemon.attention.observe import Seen
from corral_daemon.attention.reduce import reduce
from corral_daemon.attention.verdict import verdict
from corral_daemon.masking import Masker
from corral_daemon.pty.session import Session
from corral_daemon.scribe.plain import harmless

_SAME = 1.0
"""Seconds by which the beginning of the same evidence may be told anew without being news."""


class Record:
    """Between two looks only the first and the last movement are noted, whatever a flood does."""

    def __init__(self, session: Session, agent: Adapter | None, now: float) -> None:
        self.session = session
        self.agent = agent
        said = session.note.get("said")
        self.ear = Ear(Path(said)) if said and isinstance(agent, Hooking) else None
        self.looked: float | None = None
        self.verdict: Verdict | None = None
        self.closed = False
        self._last_moved = now
        self._last_typed: float | None = None
        self._state = State(began=now, latest=now)
        self._head = session.ring.head
        self._moves: list[Moved] = []
        self._types: list[Typed] = []
        self._bells: int | None = None

    @property
    def adapter(self) -> Attentive | None:
        """Who can read its screen."""
        return self.agent if isinstance(self.agent, Attentive) else None

    @property
    def last_moved(self) -> float:
        return self._last_moved

    @property
    def last_typed(self) -> float:
        return float("-inf") if self._last_typed is None else self._last_typed

    def moves(self, now: float) -> None:
        self._last_moved = now
        head = self.session.ring.head
        if len(self._moves) == 2:
            moved = Moved(at=now, count=self._moves.pop().count + head - self._head)
        else:
            moved = Moved(at=now, count=head - self._head)
        self._moves.append(moved)
        self._head = head

    def types(self, now: float) -> None:
        self._last_moved = self._last_typed = now
        del self._types[1:]
        self._types.append(Typed(at=now))

    def gather(self, now: float) -> None:
        """Add what was noted."""
        noted: list[Signal] = [*self._moves, *self._types]
        self._moves, self._types = [], []
        for signal in sorted(noted, key=lambda signal: signal.at):
            self._add(signal)

    def sample(self, now: float, seen: Seen, *, canonical: bool, echoes: bool) -> None:
        self._add(Sampled(at=now, cpu=seen.cpu, front=seen.front, canonical=canonical, echoes=echoes))

    def hooked(self, now: float, lines: tuple[str, ...]) -> None:
        """What an agent's hooks said, as its adapter understands it: not before anything moved last."""
        for line in lines:
            if isinstance(self.agent, Hooking) and (sign := self.agent.hooked(self._masked(line))):
                self._add(Hooked(at=now, attention=sign.attention, why=harmless(sign.why)))

    def _masked(self, line: str) -> str:
        masker = Masker(tuple(self.session.note.get("secrets", ())))
        return (masker.mask(line.encode()) + masker.flush()).decode("utf-8", "replace")

    def look(self, now: float, screen: ScreenText, sign: Sign | None, bells: int, notice: str) -> None:
        """What rang before the first look is not news."""
        if self._bells is not None and bells > self._bells:
            self._add(Rang(at=self._last_moved, notice=notice))
        self._bells = bells
        self._add(Looked(at=now, screen=screen, sign=sign))

    def end(self, now: float) -> None:
        self.gather(now)
        how = self.session.ended
        if how is not None:
            self._add(Ended(at=now, code=how.code, signal=how.signal, lost=how.lost))

    def judge(self, now: float) -> bool:
        """Return whether there is something new to say."""
        before, self.verdict = self.verdict, verdict(self._state, now)
        if before is None or abs(before.since - self.verdict.since) > _SAME:
            return True
        return _gist(before) != _gist(self.verdict)

    def _add(self, signal: Signal) -> None:
        self._state = reduce(self._state, signal)


def _gist(verdict: Verdict) -> tuple[object, ...]:
    """What makes a verdict another one; that other facts speak for the same is no news."""
    evidence = verdict.evidence if isinstance(verdict.evidence, dict) else {}
    return verdict.attention, verdict.why, evidence.get("by"), evidence.get("ready_for_text")
