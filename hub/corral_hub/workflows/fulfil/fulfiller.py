"""Sees to wishes: one file a kind, a table, and a task for each that takes time.

The engine hands every wish that is open to `fulfil`, again after each start of the hub; whoever fulfils one finds by
its name what was done about it before.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

import structlog

from corral_hub.errors import NotFound, Refused, Unavailable
from corral_hub.tasks.reactor import Reactor
from corral_hub.workflows import commands as c
from corral_hub.workflows import facts as f
from corral_hub.workflows.fulfil.wanted import Wanted
from corral_hub.workflows.live import Live, Place
from corral_hub.workflows.orders import TellRun
from corral_hub.workflows.wishes import read_wish
from corral_protocol.vocabulary import ErrorClass

log = structlog.get_logger()
AGAIN = 1.0
"""Seconds before a wish is seen to again that could not be just now."""


class Kind(Protocol):
    """How one kind of wish is seen to."""

    async def fulfil(self, wanted: Wanted, wish: Any) -> f.Completed | f.Failed:
        """Return what came of it, however long that takes. Raises Refused."""
        ...

    async def withdraw(self, wanted: Wanted, wish: Any) -> None:
        """It is in vain: end what was begun. Raises Refused."""
        ...


class Fulfiller:
    def __init__(self, reactor: Reactor, kinds: Mapping[type[Any], Kind], runs: Callable[[], Mapping[Any, Live]]):
        self._reactor = reactor
        self._kinds = kinds
        self._runs = runs
        self._open: dict[Place, tuple[Wanted, Any, asyncio.Task[None]]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """Leave everything as it is: it is taken up again after the next start."""
        tasks = [*(task for _, _, task in self._open.values()), *self._closing]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- hooks of workflows.effects.Effects -----------------------------------------

    def fulfil(self, live: Live, command: c.Fulfil) -> None:
        wish = read_wish(command)
        wanted = Wanted(
            run_id=live.id,
            key=command.key,
            attempt=command.attempt,
            workflow_id=live.workflow_id,
            project_id=live.project_id,
            depth=self._depth(live),
        )
        kind = self._kinds.get(type(wish))
        known = self._open.get(wanted.place)
        if kind is None or (known is not None and known[0] == wanted):
            return
        if known is not None:
            known[2].cancel()
        task = self._spawn(self._see_to(kind, wanted, wish), f"wish:{wanted.name}")
        self._open[wanted.place] = (wanted, wish, task)

    def withdraw(self, place: Place) -> None:
        found = self._open.pop(place, None)
        if found is not None:
            wanted, wish, task = found
            task.cancel()
            closing = self._spawn(self._close(self._kinds[type(wish)], wanted, wish), f"withdraw:{wanted.name}")
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    # -- each in a task of its own ------------------------------------------------------

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        return asyncio.create_task(work, name=name)

    async def _see_to(self, kind: Kind, wanted: Wanted, wish: Any) -> None:
        while True:
            try:
                await self._tell(wanted, await _outcome(kind, wanted, wish))
            except Unavailable:
                await asyncio.sleep(AGAIN)
                continue
            except Exception:
                log.exception("wish_not_seen_to", wish=wanted.name)
                await self._tell(
                    wanted, wanted.failed(ErrorClass.UNAVAILABLE, "the hub could not see to it; see its log")
                )
            held = self._open.get(wanted.place)
            if held is not None and held[0] == wanted:
                del self._open[wanted.place]
            return

    async def _tell(self, wanted: Wanted, fact: f.Fact) -> None:
        try:
            await self._reactor.ask(TellRun(run_id=wanted.run_id, fact=fact))
        except NotFound:
            log.info("wish_in_vain", wish=wanted.name)

    async def _close(self, kind: Kind, wanted: Wanted, wish: Any) -> None:
        try:
            await kind.withdraw(wanted, wish)
        except Refused as refusal:
            log.info("nothing_to_withdraw", wish=wanted.name, why=refusal.detail)
        except Exception:
            log.exception("not_withdrawn", wish=wanted.name)

    def _depth(self, live: Live) -> int:
        depth, runs = 0, self._runs()
        while live.parent is not None and (above := runs.get(live.parent[0])) is not None and depth < 100:
            live, depth = above, depth + 1
        return depth


async def _outcome(kind: Kind, wanted: Wanted, wish: Any) -> f.Completed | f.Failed:
    """Raises Unavailable."""
    try:
        return await kind.fulfil(wanted, wish)
    except Unavailable:
        raise
    except Refused as refusal:
        return wanted.failed(ErrorClass.BAD_INPUT, f"{refusal.detail} ({refusal.code})")
