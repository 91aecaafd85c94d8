"""A command on a machine, from here: its output goes out, what is typed goes in, signals end it there.

One thread, one select. Whoever reads slowly slows the command down: only what was written is acknowledged.
"""

import json
import os
import select
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from corral_cli import clock
from corral_cli.errors import Lost, NotRun
from corral_cli.remote.outlets import OutletGone, Outlets
from corral_cli.terminal.signals import Signals
from corral_cli.terminal.wire import Gone, Message, Wire
from corral_protocol.codec import Malformed, decode_tagged, encode
from corral_protocol.credit import Credit
from corral_protocol.frames import PAYLOAD_LIMIT, Kind, pack, unpack
from corral_protocol.remote import (
    TO_CALLER,
    WINDOW,
    Exec,
    ExecEnded,
    ExecStarted,
    FromCaller,
    RemoteRefused,
    RemoteStop,
)

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 2.0
_SILENCE = 65.0
"""Seconds without a word from the hub, which sends one every twenty, after which the connection counts as lost."""
_LEAVES_AT = 3
"""Signals until we do not wait for the end of it any more. The hub ends it when we are gone."""


@dataclass(frozen=True, slots=True)
class Ending:
    """`ended` is None where we did not wait for it. `signal`: what made us end it."""

    ended: ExecEnded | None
    signal: int | None = None


class Running:
    """`stdin` is None where the command reads nothing."""

    def __init__(self, wire: Wire, order: Exec, outlets: Outlets, stdin: int | None, signals: Signals) -> None:
        self._wire = wire
        self._order = order
        self._outlets = outlets
        self._stdin = stdin
        self._signals = signals
        self._credit = Credit(WINDOW)
        self._channel: int | None = None
        self._acked = 0
        self._asked_to_stop = 0
        self._signal: int | None = None
        self._ended: ExecEnded | None = None
        self._heard = clock.monotonic()

    def run(self) -> Ending:
        """Return how it ended. Raises NotRun, Lost."""
        try:
            self._say(self._order)
            while self._ended is None or not self._outlets.empty:
                self._turn()
                if self._asked_to_stop >= _LEAVES_AT:
                    return Ending(None, self._signal)
        except OutletGone:
            return Ending(None, signal.SIGPIPE)
        except (Gone, Malformed) as error:
            raise self._lost(str(error)) from error
        return Ending(self._ended, self._signal)

    def _turn(self) -> None:
        """Wait until something can be done, and do it."""
        reads: list[Any] = [self._signals, *self._listens(), *self._keyboard()]
        writes: list[Any] = [*self._outlets.writes(), *([self._wire] if self._wire.unsent else [])]
        readable, writable, _ = select.select(reads, writes, [], _SILENCE)
        if self._wire in readable:
            self._heard = clock.monotonic()
            self._receive()
        elif self._ended is None and clock.monotonic() - self._heard > _SILENCE:
            raise Gone("the hub has not answered for a while")
        if self._signals in readable:
            for number in self._signals.take():
                self._stop(number)
        if self._stdin is not None and self._stdin in readable:
            self._type(self._stdin)
        self._wire.flush()
        self._outlets.flush([outlet for outlet in self._outlets.writes() if outlet in writable])
        self._acknowledge()

    def _listens(self) -> Sequence[Wire]:
        return [self._wire] if self._ended is None else []

    def _keyboard(self) -> Sequence[int]:
        ready = self._channel is not None and self._ended is None and self._credit.room
        return [self._stdin] if self._stdin is not None and ready and self._wire.unsent < PAYLOAD_LIMIT else []

    # -- what comes ---------------------------------------------------------------------

    def _receive(self) -> None:
        try:
            messages = self._wire.receive()
        except Gone as gone:
            for message in gone.last:
                self._take(message)
            if self._ended is None:
                raise
            return
        for message in messages:
            self._take(message)

    def _take(self, message: Message) -> None:
        if isinstance(message, bytes):
            frame = unpack(message)
            if frame.kind is Kind.ACK:
                self._credit.acknowledge(frame.offset)
            elif frame.kind in (Kind.STDOUT, Kind.STDERR):
                self._outlets.add(frame.kind, frame.payload, frame.end)
            return
        said = decode_tagged(TO_CALLER, json.loads(message))
        if isinstance(said, RemoteRefused):
            raise self._refused(said)
        if isinstance(said, ExecStarted):
            self._channel = said.channel
        else:
            self._ended = said

    def _acknowledge(self) -> None:
        written = self._outlets.written
        due = written - self._acked >= PAYLOAD_LIMIT or self._outlets.empty
        if self._channel is not None and self._ended is None and due and written > self._acked:
            self._acked = written
            self._wire.send(pack(Kind.ACK, self._channel, written))

    # -- what goes ----------------------------------------------------------------------

    def _type(self, stdin: int) -> None:
        data = os.read(stdin, min(PAYLOAD_LIMIT, self._credit.room))
        if self._channel is not None:
            self._wire.send(pack(Kind.STDIN, self._channel, self._credit.send(len(data)), data))
        if not data:
            self._stdin = None

    def _stop(self, number: int) -> None:
        """End it there: with a grace first, at once when asked again."""
        self._signal = self._signal or number
        self._asked_to_stop += 1
        grace = GRACE if self._asked_to_stop == 1 else 0.0
        self._say(RemoteStop(channel=self._channel or 0, grace=grace))

    def _say(self, message: FromCaller) -> None:
        self._wire.send(json.dumps(encode(message)))

    # -- what goes wrong ----------------------------------------------------------------

    def _refused(self, said: RemoteRefused) -> Exception:
        if self._channel is None:
            return NotRun(said.detail, code=said.code, hint=said.hint)
        return Lost(said.detail, code=said.code, hint=said.hint)

    def _lost(self, why: str) -> Exception:
        if self._channel is None:
            return NotRun(f"the connection to the hub was lost before the command began: {why}", code="hub_lost")
        return Lost(f"the connection to the hub was lost: {why}. The command is ended on {self._order.server}")
