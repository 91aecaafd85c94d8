"""One connection to `/ws/dashboard`: what it may see, what it watches, and what it is sent next. Knows no socket."""

import asyncio
import base64
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

import orjson

from corral_hub.accounts.model import Person, Principal, Role
from corral_hub.bus.facts import (
    LetterEvent,
    LinesEvent,
    NodesEvent,
    OfRun,
    OutputStored,
    RunEvent,
    SessionEvent,
    TaskEvent,
    TokenEvent,
)
from corral_hub.gateway.telling import Tellable, text, written
from corral_hub.sessions.channel import Watcher
from corral_protocol import sessions as wire
from corral_protocol.codec import encode
from corral_protocol.frames import HEADER
from corral_protocol.viewers import ToViewer, ViewerAuth

BACKLOG = 2000
"""What may wait for a slow reader, in facts; ten nodes, or lines, of a run weigh as much as one."""
REPLIES = 100
ENDINGS = frozenset({"closed", "lost", "failed"})


@dataclass(eq=False)
class Place:
    """A session that is watched here; `last_words` are said when its output has been."""

    watcher: Watcher
    session_id: UUID
    ready: bool = False
    last_words: list[str] = field(default_factory=list)


class Viewer:
    """What its principal may see, narrowed to what it asked for, in a bounded backlog; and the terminals it watches."""

    def __init__(
        self,
        principal: Principal,
        asked: ViewerAuth,
        identify: Callable[[], Awaitable[Principal]],
    ) -> None:
        self.principal = principal
        self.identify = identify
        self.binary = asked.binary
        self.first_runs = asked.run_ids
        self.places: dict[UUID, Place] = {}
        self._scope = None if isinstance(principal, Person) else principal.project_id
        self._is_admin = isinstance(principal, Person) and principal.role is Role.ADMIN
        self._project_id = asked.project_id
        self._named = frozenset(asked.task_ids) | frozenset(asked.run_ids)
        self.watched: frozenset[str] = frozenset()
        self._replies: deque[str] = deque()
        self._facts: deque[Tellable | None] = deque()
        self._weight = 0
        self._ready: deque[Place] = deque()
        self._news: Callable[[], None] = lambda: None
        self._calm = asyncio.Event()
        self._calm.set()

    # -- facts ------------------------------------------------------------------------

    def offer(self, fact: Tellable) -> None:
        if not self.wants(fact):
            return
        place = self.places.get(fact.session_id) if isinstance(fact, SessionEvent) else None
        if place is not None and isinstance(fact, SessionEvent) and fact.event in ENDINGS:
            place.last_words.append(text(fact))
            self.stir(place)
            return
        self._weight += _weight(fact)
        if self._weight > BACKLOG:
            self._facts.clear()
            self._weight = 1
            self._facts.append(None)  # says: facts were dropped, read the state again
        else:
            self._facts.append(fact)
        self._news()

    def wants(self, fact: Tellable) -> bool:
        """Whether it may see this, and asked to."""
        if self._scope is not None and fact.project_id not in (None, self._scope):
            return False
        if isinstance(fact, TokenEvent) and not self._is_admin:
            return False
        if isinstance(fact, SessionEvent) and fact.session_id in self.places:
            return True
        if self._project_id is not None and fact.project_id is not None and str(fact.project_id) != self._project_id:
            return False
        return not self._named or isinstance(fact, OfRun) or _name(fact) in self._named | self.watched

    # -- terminals --------------------------------------------------------------------

    def stir(self, place: Place) -> None:
        """There may be something to take from this session."""
        if not place.ready:
            place.ready = True
            self._ready.append(place)
            self._news()

    def reply(self, message: ToViewer) -> None:
        self._replies.append(written(message))
        if len(self._replies) >= REPLIES:
            self._calm.clear()
        self._news()

    async def calm(self) -> None:
        """Return once the viewer has read most of what it was answered: whoever asks must listen, too."""
        await self._calm.wait()

    # -- what is sent next ------------------------------------------------------------

    def on_news(self, news: Callable[[], None]) -> None:
        """Call `news` whenever there may be something to send."""
        self._news = news

    def pull(self) -> str | bytes | None:
        """Return what goes out next: words first, then one frame of each terminal in turn."""
        if self._replies:
            if len(self._replies) <= REPLIES:
                self._calm.set()
            return self._replies.popleft()
        if self._facts:
            fact = self._facts.popleft()
            self._weight -= _weight(fact)
            return text(fact)
        while self._ready:
            place = self._ready[0]
            if (frame := self._take(place)) is not None:
                self._ready.rotate(-1)
                return frame
            self._ready.popleft()
            place.ready = False
        return None

    def _take(self, place: Place) -> str | bytes | None:
        if not self.binary and place.watcher.seat.position is not None:
            # The frame before has been sent by now: that is all that is known where nothing is acknowledged.
            place.watcher.acknowledge(place.watcher.seat.position)
        frame = place.watcher.take()
        if frame is not None:
            return frame if self.binary else self._wrapped(place, frame)
        if place.last_words and place.watcher.is_over:
            words = place.last_words.pop(0)
            if not place.last_words:
                self.places.pop(place.session_id, None)
            return words
        return None

    def _wrapped(self, place: Place, frame: bytes) -> str:
        """Return the seed's `session_output`."""
        data = base64.b64encode(memoryview(frame)[HEADER.size :]).decode()
        server_id = str(place.watcher.channel.session.server_id)
        message = wire.SessionOutput(session_id=str(place.session_id), data=data)
        return orjson.dumps({**encode(message), "server_id": server_id}).decode()


def _weight(fact: Tellable | None) -> int:
    if isinstance(fact, NodesEvent):
        return 1 + len(fact.nodes) // 10
    return 1 + len(fact.lines) // 10 if isinstance(fact, LinesEvent) else 1


def _name(fact: Tellable) -> str | None:
    """Return the id of the task or the run that a fact is about, if it is about one."""
    if isinstance(fact, TaskEvent | OutputStored | SessionEvent):
        return str(fact.task_id)
    return str(fact.run_id) if isinstance(fact, RunEvent | LetterEvent) else None
