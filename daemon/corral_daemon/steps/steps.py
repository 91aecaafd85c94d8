"""All attempts of nodes in this machine's hands. Implements ports.Steps."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

from corral_daemon.machine import Machine
from corral_daemon.nodes.node import NodeType, Spawn
from corral_daemon.steps.step import perform
from corral_daemon.steps.voice import Nobody, Voice
from corral_protocol.nodes import (
    HeldNode,
    NodeAssigned,
    NodeCancel,
    NodeFinished,
    NodeLog,
    NodeProgress,
    NodesHeld,
    NodeStarted,
)
from corral_protocol.to_hub import ToHub

log = logging.getLogger(__name__)

Key = tuple[str, str, int]


class Shelf(Protocol):
    """Where lines are kept until the hub has them."""

    def has_room(self) -> bool: ...

    def keep(self, lines: NodeLog) -> None: ...


ENDED_KEPT = 10_000
SOON = 0.05
"""Seconds after which an attempt that still runs is said to run. Most nodes have ended before anybody could look."""
UNNUMBERED = 0
"""The spool gives the number when it writes the record."""


class Steps:
    """`report` keeps how an attempt ended before it is sent, `shelf` what it says meanwhile.

    `types` are read at each assignment: files may change.
    """

    def __init__(
        self,
        types: Callable[[], Mapping[str, NodeType]],
        report: Callable[[NodeFinished], Awaitable[int]],
        spawn: Spawn,
        workspaces: Path,
        machine: Machine | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self._shelf = shelf or Nobody()
        self._voices: dict[Key, Voice] = {}
        self._types = types
        self._report = report
        self._spawn = spawn
        self._workspaces = workspaces
        self._machine = machine or Machine()
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._ended: dict[Key, None] = {}
        self._unsaid: dict[Key, asyncio.TimerHandle] = {}
        self._say: Callable[[ToHub], None] | None = None

    def attach(self, say: Callable[[ToHub], None]) -> None:
        """Say what happens by `say` from now on; how far what runs has come is said at once."""
        self._say = say
        for voice in self._voices.values():
            voice.again()

    def detach(self) -> None:
        """There is no connection: what nobody hears is not said."""
        self._say = None

    def held(self, *, again: bool = False) -> NodesHeld:
        """Return every attempt from its assignment until its end is on the disk."""
        nodes = tuple(HeldNode(run_id=run, key=key, attempt=n) for run, key, n in self._tasks)
        return NodesHeld(nodes=nodes, again=again)

    def assign(self, message: NodeAssigned) -> None:
        """Take an attempt in hand. One that is held, or has ended, is ignored; an older one is stopped."""
        key = (message.run_id, message.key, message.attempt)
        if key in self._tasks or key in self._ended:
            return
        for older in [known for known in self._tasks if known[:2] == key[:2] and known[2] < key[2]]:
            self._tasks[older].cancel()
        task = asyncio.create_task(self._live(key, message))
        self._tasks[key] = task

    def cancel(self, message: NodeCancel) -> None:
        if task := self._tasks.get((message.run_id, message.key, message.attempt)):
            task.cancel()

    async def close(self) -> None:
        """End all of them. They are not reported: the hub gives them out again, here or elsewhere."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._machine.background is not None:
            await self._machine.background.close()
        await self._spawn.close()

    async def _live(self, key: Key, message: NodeAssigned) -> None:
        """Who stopped an attempt knows that it is over: only what ends by itself is reported."""
        self._unsaid[key] = asyncio.get_running_loop().call_later(SOON, self._began, key)
        voice = self._voices[key] = Voice(message, self)
        try:
            result = await perform(
                message,
                self._types().get(message.node),
                self._workspaces / str(message.workflow_id or "none"),
                self._spawn,
                voice,
                self._machine,
            )
            await self._report(NodeFinished(seq=UNNUMBERED, run_id=key[0], key=key[1], attempt=key[2], result=result))
        finally:
            voice.close()
            self._take_back(key)
            del self._tasks[key], self._voices[key]
            self._remember(key)

    def _began(self, key: Key) -> None:
        """Say that it runs, unless that was said."""
        if self._take_back(key):
            self.say(NodeStarted(run_id=key[0], key=key[1], attempt=key[2]))

    def _take_back(self, key: Key) -> bool:
        """Return whether there was still something to say."""
        timer = self._unsaid.pop(key, None)
        if timer is not None:
            timer.cancel()
        return timer is not None

    # -- voice.Ears ------------------------------------------------------------------------

    def has_room(self) -> bool:
        return self._shelf.has_room()

    def keep(self, lines: NodeLog) -> None:
        self._shelf.keep(lines)

    def say(self, message: ToHub) -> None:
        if isinstance(message, NodeProgress):
            self._began((message.run_id, message.key, message.attempt))
        if self._say is not None:
            self._say(message)

    def _remember(self, key: Key) -> None:
        self._ended[key] = None
        if len(self._ended) > ENDED_KEPT:
            del self._ended[next(iter(self._ended))]
