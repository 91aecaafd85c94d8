"""The API of sessions, asked while the simulated daemon goes on."""

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.hub_process import eventually
from tests.terminals.daemon import Daemon


async def ask(daemon: Daemon, method: str, path: str, who: Mapping[str, str] | None = None, **more: Any) -> Any:
    """Return status and body; the daemon goes on meanwhile."""
    headers = daemon.hub.admin if who is None else who
    prefix = "/server" if "X-API-Key" in headers else ""
    answer = await asyncio.to_thread(daemon.hub.ask, method, f"{prefix}/sessions{path}", headers, **more)
    return answer.status_code, answer.json()


async def status(daemon: Daemon, session: str, wanted: str) -> dict[str, Any]:
    def reached() -> Any:
        found = daemon.hub.get(f"/sessions/{session}", daemon.hub.admin)
        return found if found["status"] == wanted else None

    return await asyncio.to_thread(eventually, reached, f"the session is {wanted}")
