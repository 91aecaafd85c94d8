"""What `session wait` makes of a session. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from corral_cli.waiting import ENDED_WORD, Verdict
from corral_protocol.vocabulary import Attention, SessionStatus

ENDED = frozenset({SessionStatus.CLOSED, SessionStatus.FAILED, SessionStatus.LOST})
STATES: tuple[str, ...] = (*Attention, *SessionStatus, ENDED_WORD)


def expand(words: Sequence[str]) -> frozenset[str]:
    """Return the states that `--until` words name; none: closed. Raises ValueError for a word that is no state."""
    states: set[str] = set()
    for word in words or (SessionStatus.CLOSED.value,):
        if word not in STATES:
            raise ValueError(f"{word!r} is no state of a session")
        states.update(ENDED if word == ENDED_WORD else {word})
    return frozenset(states)


def judge(session: Mapping[str, Any], wanted: Collection[str]) -> Verdict:
    """Tell what a session's state means for the wait. A program that has ended well has finished."""
    status, found = session.get("status"), session.get("attention")
    doing = found.get("attention") if isinstance(found, Mapping) else None
    ended = status in ENDED
    if status in wanted or (doing in wanted and not ended):
        return Verdict.REACHED
    if not ended:
        return Verdict.WAITING
    finished = Attention.FINISHED in wanted and status == SessionStatus.CLOSED and session.get("exit_code") == 0
    return Verdict.REACHED if finished or Attention.DEAD in wanted else Verdict.MISSED
