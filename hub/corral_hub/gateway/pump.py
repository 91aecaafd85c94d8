"""Sends a viewer what it is due, as soon as that is there and the socket has room for it."""

import asyncio

from corral_hub.gateway.viewer import Viewer
from corral_hub.gateway.wire import Wire


class Pump:
    """However much comes in one turn of the loop is one write. `broke` is done when an error has ended it."""

    def __init__(self, wire: Wire, viewer: Viewer) -> None:
        self.broke: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wire = wire
        self._viewer = viewer
        self._due: asyncio.Handle | None = None
        viewer.on_news(self._soon)
        wire.on_room(self._soon)
        self._soon()

    def _soon(self) -> None:
        if self._due is None and not self.broke.done():
            self._due = asyncio.get_running_loop().call_soon(self._run)

    def _run(self) -> None:
        """What goes wrong is the loop's to log; the connection ends, as `broke` says."""
        self._due = None
        well = False
        try:
            while self._wire.has_room and (item := self._viewer.pull()) is not None:
                self._wire.post(item)
            well = True
        finally:
            if not well:
                self.broke.set_result(None)
