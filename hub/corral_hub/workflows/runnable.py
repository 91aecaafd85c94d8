"""Which workflows there are to run, in memory: runs begin by thousands, workflows change by the hour.

Only the hub that has the lease serves, and whatever it changes it tells here; so what is remembered is what is stored.
"""

from typing import NamedTuple
from uuid import UUID

from corral_hub.workflows.queries import Row, WorkflowQueries

MOST = 1_000


class Runnable(NamedTuple):
    """What of a workflow a run needs. `version`: that was published last; None if none was."""

    id: int
    project_id: UUID
    name: str
    version: int | None


class Runnables:
    def __init__(self, queries: WorkflowQueries, most: int = MOST) -> None:
        self._queries = queries
        self._most = most
        self._known: dict[int, Runnable] = {}
        self._changes = 0

    async def find(self, id: int) -> Runnable | None:
        """Return the workflow; None if there is none, or none any more."""
        return self._known.get(id) or await self._read(id)

    def forget(self, id: int) -> None:
        """A change of this workflow is committed."""
        self._changes += 1
        self._known.pop(id, None)

    async def _read(self, id: int) -> Runnable | None:
        changes = self._changes
        row = await self._queries.runnable(id)
        if row is None:
            return None
        found = runnable(row)
        if changes == self._changes:  # or it may be older than what was told meanwhile
            if len(self._known) >= self._most:
                del self._known[next(iter(self._known))]
            self._known[id] = found
        return found


def runnable(row: Row) -> Runnable:
    return Runnable(row["id"], row["project_id"], row["name"], row["version"])
