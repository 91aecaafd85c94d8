"""Who is editing which draft: what an editor saves with each pause is one thing that somebody did. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

PAUSE: Final = timedelta(minutes=10)
"""After such a pause it is another session."""
LONGEST: Final = timedelta(hours=1)
MOST: Final = 1024


@dataclass(frozen=True, slots=True)
class Session:
    began: datetime
    last: datetime


class Editing:
    """Sessions in memory: a restart begins new ones."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[str, int], Session] = {}

    def begins(self, who: str, workflow_id: int, now: datetime) -> bool:
        """Return whether a change now would be the first of a session."""
        session = self._sessions.get((who, workflow_id))
        return session is None or now - session.last > PAUSE or now - session.began > LONGEST

    def saved(self, who: str, workflow_id: int, now: datetime) -> None:
        """Remember that a change was committed; the sessions that were left alone for longest are forgotten first."""
        began = now if self.begins(who, workflow_id, now) else self._sessions[who, workflow_id].began
        self._sessions.pop((who, workflow_id), None)
        self._sessions[who, workflow_id] = Session(began, now)
        if len(self._sessions) > MOST:
            del self._sessions[next(iter(self._sessions))]
