"""How many runs the triggers of each workflow have going, counted in memory."""

from collections import Counter
from uuid import UUID

from corral_hub.triggers.model import TriggerKind
from corral_hub.workflows.engine import Engine

_KINDS = frozenset(kind.value for kind in TriggerKind) - {TriggerKind.MANUAL.value}


class Tally:
    """Counted from the engine's live runs when it is first asked: after a rebuild they are there before anyone asks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[UUID, tuple[int, str]] | None = None
        self._counts: Counter[tuple[int, str | None]] = Counter()

    def forget(self) -> None:
        self._known = None

    def of(self, workflow_id: int, node_id: str | None = None) -> int:
        """Return the runs that this trigger, or any, has begun and that are not over."""
        self._read()
        return self._counts[workflow_id, node_id]

    def begun(self, run_id: UUID, workflow_id: int, node_id: str) -> None:
        known = self._read()
        if run_id not in known:
            known[run_id] = (workflow_id, node_id)
            self._count(workflow_id, node_id, 1)

    def ended(self, run_id: UUID) -> int | None:
        """Return the workflow, if the run was begun by a trigger of it."""
        found = self._read().pop(run_id, None)
        if found is None:
            return None
        self._count(*found, -1)
        return found[0]

    def _read(self) -> dict[UUID, tuple[int, str]]:
        if self._known is None:
            self._counts.clear()
            self._known = {}
            for live in self._engine.runs.values():
                kind, _, node_id = live.started_by.partition(":")
                if kind in _KINDS and node_id == live.run.trigger:
                    self._known[live.id] = (live.workflow_id, node_id)
                    self._count(live.workflow_id, node_id, 1)
        return self._known

    def _count(self, workflow_id: int, node_id: str, change: int) -> None:
        for key in ((workflow_id, node_id), (workflow_id, None)):
            self._counts[key] += change
            if not self._counts[key]:
                del self._counts[key]
