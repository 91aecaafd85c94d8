"""Segments → asciicast v2, line by line: what every player of terminal recordings reads. Pure.

https://docs.asciinema.org/manual/asciicast/v2/. Output that is no UTF-8 becomes U+FFFD here; it is kept as it was.
"""

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from corral_protocol import tape
from corral_protocol.codec import Malformed
from corral_protocol.recordings import expand
from corral_protocol.tape import Event, Kind
from corral_protocol.vocabulary import RecordingState

RESET = "\x1bc"
WHY: Mapping[str, str] = {
    "flood": "it came faster than it can be kept",
    "overwritten": "it was overwritten before it could be read",
    "off": "the recording was off",
    "no_room": "the hub was away, and there was no more room on the machine",
    "disk": "the machine's disk did not take it",
}
ENDS: Mapping[RecordingState, str] = {
    RecordingState.FULL: "The recording ends here: it has reached its size limit.",
    RecordingState.OFF: "The recording was switched off.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A segment as it is read: its size and state are of its beginning and its end."""

    number: int
    from_ms: int
    cols: int
    rows: int
    entry: bool
    state: RecordingState
    data: bytes


class Cast:
    """Renders the parts of one recording in their order. Times in it count from `begin`.

    What lies before `begin` is shown at once: the drawing that the first part starts with, and what came after it.
    """

    def __init__(self, begin: int = 0) -> None:
        self._begin = begin
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._size: tuple[int, int] | None = None
        self._number: int | None = None
        self._begun = False
        self._torn = False  # what is shown is not right until the next drawing
        self._early: list[str] = []
        self._at = 0

    def header(self, first: Part | None, title: str, timestamp: int) -> bytes:
        """Return the first line."""
        self._size = (first.cols, first.rows) if first else (80, 24)
        width, height = self._size
        about: dict[str, Any] = {
            "version": 2, "width": width, "height": height, "timestamp": timestamp, "title": title,
            "env": {"TERM": "xterm-256color"},
        }  # fmt: skip
        return orjson.dumps(about, option=orjson.OPT_APPEND_NEWLINE)

    def part(self, part: Part) -> bytes:
        """Return the lines of a part. One that cannot be read is said to be so."""
        lines = [self._line(*said) for said in self._part(part)]
        return b"".join(lines)

    def end(self) -> bytes:
        """Return the last lines."""
        last = self._decoder.decode(b"", final=True)
        lines = [self._line(*said) for said in self._hurry()]
        return b"".join(lines) + (self._line(self._at, "o", last) if last else b"")

    def _part(self, part: Part) -> Iterator[tuple[int, str, str]]:
        if self._number is not None and part.number != self._number + 1:
            yield from self._mark(part.from_ms, "Output is missing here: it is no longer kept.")
            self._torn = True
        self._number = part.number
        if self._size != (part.cols, part.rows):
            yield from self._resize(part.from_ms, part.cols, part.rows)
        try:
            for event in tape.unpack(expand(part.data)):
                yield from self._event(event)
        except Malformed as error:
            yield from self._mark(part.from_ms, f"Output is missing here: {error.problem}.")
            self._torn = True
        if part.state in ENDS:
            yield from self._mark(self._at + self._begin, ENDS[part.state])

    def _event(self, event: Event) -> Iterator[tuple[int, str, str]]:
        """Most drawings are for those who begin there, and nothing new to the others. Raises Malformed."""
        if event.kind is Kind.OUTPUT:
            yield from self._say(event.at, self._decoder.decode(event.data))
        elif event.kind is Kind.RESIZE:
            yield from self._resize(event.at, *tape.read_size(event.data))
        elif event.kind is Kind.GAP:
            length, why = tape.read_gap(event.data)
            said = WHY.get(why, "for a reason that this hub does not know")
            yield from self._mark(event.at, f"{length} bytes are not recorded here: {said}.")
            self._torn = True
        elif self._torn or event.at < self._begin or not (self._begun or self._early):
            self._decoder.reset()
            self._torn = False
            self._early.clear()
            yield from self._say(event.at, RESET + self._decoder.decode(event.data))

    def _say(self, at: int, text: str) -> Iterator[tuple[int, str, str]]:
        """Output begins anew for a player that has shown nothing yet, so what came before is drawn first."""
        if at < self._begin:
            self._early.append(text)
            return
        yield from self._hurry()
        self._begun = True
        if text:
            yield at - self._begin, "o", text

    def _resize(self, at: int, cols: int, rows: int) -> Iterator[tuple[int, str, str]]:
        self._size = (cols, rows)
        yield from self._hurry()
        yield max(0, at - self._begin), "r", f"{cols}x{rows}"

    def _mark(self, at: int, text: str) -> Iterator[tuple[int, str, str]]:
        if at >= self._begin:
            yield from self._hurry()
            yield at - self._begin, "m", text

    def _hurry(self) -> Iterator[tuple[int, str, str]]:
        if self._early:
            text = "".join(self._early)
            self._early.clear()
            yield 0, "o", text

    def _line(self, at: int, code: str, text: str) -> bytes:
        self._at = max(self._at, at)
        return orjson.dumps([self._at / 1000, code, text], option=orjson.OPT_APPEND_NEWLINE)
