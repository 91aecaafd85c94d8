"""One connection to `/ws/dashboard`: what it may see, what it watches, and what it is sent next. Knows no socket."""

import asyncio
import base64
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from corral_hub.accounts.model import Person, Principal
from corral_hub.bus.facts import OutputStored, SessionEvent, TaskEvent
from corral_hub.sessions.channel import Watcher
from corral_hub.text import stamp
from corral_protocol import sessions as wire
from corral_protocol import viewers
from corral_protocol.codec import encode
from corral_protocol.frames import HEADER
from corral_protocol.viewers import ToViewer

BACKLOG = 2000
REPLIES = 100
ENDINGS = frozenset({"closed", "lost", "failed"})
Fact = TaskEvent | OutputStored | SessionEvent


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
        project_id: str | None,
        task_ids: frozenset[str],
        identify: Callable[[], Awaitable[Principal]],
        *,
        binary: bool = False,
    ) -> None:
        self.principal = principal
        self.identify = identify
        self.binary = binary
        self.places: dict[UUID, Place] = {}
        self._scope = None if isinstance(principal, Person) else principal.project_id
        self._project_id = project_id
        self._task_ids = task_ids
        self._replies: deque[str] = deque()
        self._facts: deque[Fact | None] = deque()
        self._ready: deque[Place] = deque()
        self._news: Callable[[], None] = lambda: None
        self._calm = asyncio.Event()
        self._calm.set()

    # -- facts ------------------------------------------------------------------------

    def offer(self, fact: Fact) -> None:
        if not self.wants(fact):
            return
        place = self.places.get(fact.session_id) if isinstance(fact, SessionEvent) else None
        if place is not None and isinstance(fact, SessionEvent) and fact.event in ENDINGS:
            place.last_words.append(text(fact))
            self.stir(place)
            return
        if len(self._facts) >= BACKLOG:
            self._facts.clear()
            self._facts.append(None)  # says: facts were dropped, read the state again
        else:
            self._facts.append(fact)
        self._news()

    def wants(self, fact: Fact) -> bool:
        if self._scope not in (None, fact.project_id):
            return False
        if isinstance(fact, SessionEvent) and fact.session_id in self.places:
            return True
        if self._project_id not in (None, str(fact.project_id)):
            return False
        return not self._task_ids or str(fact.task_id) in self._task_ids

    # -- terminals --------------------------------------------------------------------

    def stir(self, place: Place) -> None:
        """There may be something to take from this session."""
        if not place.ready:
            place.ready = True
            self._ready.append(place)
            self._news()

    def reply(self, message: ToViewer) -> None:
        self._replies.append(orjson.dumps(encode(message)).decode())
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
            return text(self._facts.popleft())
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


def text(fact: Fact | None) -> str:
    return orjson.dumps(frame(fact)).decode()


def frame(fact: Fact | None) -> dict[str, Any]:
    """Return the seed's message for a fact; None means that some were dropped."""
    match fact:
        case None:
            return {"type": "resync"}
        case TaskEvent():
            return {
                "type": "task_event",
                "event_type": fact.event_type,
                "task_id": str(fact.task_id),
                "project_id": str(fact.project_id),
                "actor": fact.actor,
                "at": stamp(fact.at),
                "details": fact.details,
            }
        case OutputStored():
            return {
                "type": "task_output",
                "task_id": str(fact.task_id),
                "server_id": _text(fact.server_id),
                "stream": fact.stream,
                "content": fact.content.decode("utf-8", "replace"),
            }
        case SessionEvent():
            more = {
                "server_id": str(fact.server_id), "project_id": str(fact.project_id), "task_id": _text(fact.task_id),
                "actor": fact.actor, "at": stamp(fact.at),
            }  # fmt: skip
            event = viewers.SessionEvent(event=fact.event, session_id=str(fact.session_id), details=fact.details)
            return {**encode(event), **more}


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)
