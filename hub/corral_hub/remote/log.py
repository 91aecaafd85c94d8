"""Lines of the activity log: who did what, where, and how it ended. What a command printed is not kept."""

from typing import Any

from sqlalchemy import insert

from corral_hub import clock
from corral_hub.bus.tables import activity_log
from corral_hub.db.database import Database
from corral_hub.remote.model import Place


class Log:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, place: Place, event_type: str, actor: str, details: dict[str, Any]) -> None:
        row = {
            "event_type": event_type, "project_id": place.project_id, "session_id": place.session_id,
            "server_id": place.server_id, "actor": actor, "details": details, "created_at": clock.now(),
        }  # fmt: skip
        async with self._database.begin() as tx:
            await tx.execute(insert(activity_log).values(**row))
