"""How far the nodes that run have come: in memory, the newest only. It may be lost; nothing hangs on it."""

import math
from datetime import datetime
from uuid import UUID

from corral_hub import clock
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import ProgressEvent
from corral_hub.text import check_text
from corral_hub.workflows.engine import Engine
from corral_hub.workflows.live import Place
from corral_protocol.nodes import NodeProgress

LONGEST = 500


class Progress:
    """Machines tell of what they have in hand, and are heard of nothing else."""

    def __init__(self, engine: Engine, bus: Bus) -> None:
        self._engine = engine
        self._bus = bus
        self._latest: dict[Place, ProgressEvent] = {}

    def hear(self, server_id: UUID, message: NodeProgress) -> None:
        place = _place(message)
        if place is None or self._engine.placing.at.get(place) != (server_id, message.attempt):
            return
        self._forget_ended()
        event = _event(place, self._engine.runs[place[0]].project_id, message, clock.now())
        self._latest[place] = event
        self._bus.publish(event, about=place[0])

    def of(self, place: Place) -> ProgressEvent | None:
        """Return how far the attempt has come that runs now."""
        found, at = self._latest.get(place), self._engine.placing.at.get(place)
        return found if found is not None and at is not None and at[1] == found.attempt else None

    def _forget_ended(self) -> None:
        """What has ended is forgotten once it is more than what runs."""
        if len(self._latest) > 2 * len(self._engine.placing.at) + 16:
            self._latest = {place: event for place, event in self._latest.items() if place in self._engine.placing.at}


def _event(place: Place, project_id: UUID, message: NodeProgress, at: datetime) -> ProgressEvent:
    done = message.done
    usable = done is not None and math.isfinite(done)
    return ProgressEvent(
        project_id=project_id,
        run_id=place[0],
        key=place[1],
        attempt=message.attempt,
        done=min(1.0, max(0.0, done)) if usable and done is not None else None,
        text=message.text[:LONGEST],
        at=at,
    )


def _place(message: NodeProgress) -> Place | None:
    try:
        return UUID(message.run_id), check_text(message.key)
    except ValueError:
        return None
