"""Where nobody judges what the programs in terminals do. Implements ports.Attentions."""

from collections.abc import Callable

from corral_daemon.ports import Readiness


class Unjudged:
    async def ready(self, session_id: str) -> Readiness:
        return Readiness(ready=False, why="is not looked at")

    def listen(self, changed: Callable[[str], None]) -> None:
        """Nothing changes."""
