"""The connection to the hub, for as long as somebody wants it: made again after each loss."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from corral_cli import clock
from corral_cli.errors import NotPermitted, Unreachable
from corral_cli.terminal.dial import Dialling
from corral_cli.terminal.resume import backoff
from corral_cli.terminal.wire import Gone, Message, Wire
from corral_protocol.codec import encode
from corral_protocol.viewers import FromViewer

PING_EVERY = 15.0
SILENCE = 40.0
"""Seconds without a word, though we asked, after which a connection counts as lost."""
_REFUSALS = 3
"""Logins refused in a row that are believed: a hub that is just starting may not know us yet."""


@dataclass(frozen=True, slots=True)
class Up:
    """There is a connection: the hub knows nothing of us on it yet."""


@dataclass(frozen=True, slots=True)
class Down:
    why: str


News = Up | Down | Message
Selectable = Wire | Dialling


class Link:
    """Connected, or on the way to it. Whoever uses it selects on `reads` and `writes` and then calls `news`."""

    def __init__(self, dial: Callable[[], Wire]) -> None:
        self._dial = dial
        self._wire: Wire | None = dial()
        self._dialling: Dialling | None = None
        self._failures = self._refusals = 0
        self._next_try = 0.0
        self._heard = clock.monotonic()
        self._pinged = self._heard

    @property
    def up(self) -> bool:
        return self._wire is not None

    @property
    def unsent(self) -> int:
        return self._wire.unsent if self._wire else 0

    def reads(self) -> list[Selectable]:
        waiting = self._wire or self._dialling
        return [waiting] if waiting else []

    def writes(self) -> list[Wire]:
        return [self._wire] if self._wire and self._wire.unsent else []

    def deadline(self) -> float | None:
        """When something is due though nothing has come."""
        if self._wire is not None:
            return self._pinged + PING_EVERY
        return None if self._dialling else self._next_try

    def news(self, readable: Sequence[Any]) -> list[News]:
        """Return what has happened. Raises CliError when trying again makes no sense."""
        if self._wire is not None:
            return self._listen(self._wire, self._wire in readable)
        if self._dialling is None:
            if clock.monotonic() >= self._next_try:
                self._dialling = Dialling(self._dial)
            return []
        return self._answer(self._dialling) if self._dialling in readable else []

    def say(self, message: FromViewer) -> None:
        self.send(json.dumps(encode(message)))

    def send(self, message: Message) -> None:
        """Send if there is a connection; a loss is found when reading."""
        if self._wire is not None:
            try:
                self._wire.send(message)
            except Gone:
                return

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
        if self._dialling is not None:
            self._dialling.abandon()
        self._wire = self._dialling = None

    def _listen(self, wire: Wire, readable: bool) -> list[News]:
        now = clock.monotonic()
        try:
            wire.flush()
            if readable:
                self._heard = now
                return list(wire.receive())
            if now - self._heard > SILENCE:
                raise Gone("the hub has not answered for a while")
            if now - self._pinged >= PING_EVERY:
                self._pinged = now
                wire.ping()
        except Gone as gone:
            return [*gone.last, self._lose(gone.why)]
        return []

    def _lose(self, why: str) -> Down:
        if self._wire is not None:
            self._wire.hang_up()
        self._wire = None
        self._wait()
        return Down(why)

    def _wait(self) -> None:
        self._next_try = clock.monotonic() + backoff(self._failures, clock.jitter())
        self._failures += 1

    def _answer(self, dialling: Dialling) -> list[News]:
        self._dialling = None
        try:
            self._wire = dialling.result()
        except Unreachable:
            self._wait()
            return []
        except NotPermitted:
            self._refusals += 1
            if self._refusals >= _REFUSALS:
                raise
            self._wait()
            return []
        self._refusals = 0
        self._heard = self._pinged = clock.monotonic()
        return [Up()]

    def settle(self) -> None:
        """The connection has proved to be of use: the next loss is tried at once again."""
        self._failures = 0
