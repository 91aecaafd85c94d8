"""Orders from the hub, carried out one at a time in their order, apart from the socket.

A full disk may make an order wait; the socket must go on reading acknowledgements meanwhile, for they make room.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from corral_daemon.errors import DaemonError

log = logging.getLogger(__name__)

Order = Callable[[], Awaitable[None]]


class Inbox:
    def __init__(self) -> None:
        self._orders: asyncio.Queue[Order] = asyncio.Queue()

    def put(self, order: Order) -> None:
        self._orders.put_nowait(order)

    async def run(self) -> None:
        """Carry out orders for ever."""
        while True:
            order = await self._orders.get()
            try:
                await order()
            except DaemonError as error:
                log.error("event=order_failed code=%s reason=%r hint=%r", error.code, str(error), error.hint)
            finally:
                self._orders.task_done()

    async def settled(self, patience: float) -> bool:
        """Wait until every order so far is carried out, at most `patience` seconds; return whether that came true."""
        try:
            await asyncio.wait_for(self._orders.join(), patience)
        except TimeoutError:
            return False
        return True
