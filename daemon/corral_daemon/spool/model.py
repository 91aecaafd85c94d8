"""Records of the spool, and the newest of them kept in memory. Pure."""

import json
from bisect import bisect_right
from dataclasses import dataclass

from corral_protocol.codec import encode
from corral_protocol.to_hub import Durable, TaskDeclined, TaskFinished, TaskPlan

OUTCOMES = (TaskFinished, TaskPlan, TaskDeclined)
"""Messages that end a unit: they are on the platter before anybody is told."""

_ENCODER = json.JSONEncoder(separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Record:
    """A durable message with its number. `body` is its JSON object without `seq`."""

    seq: int
    body: str

    @property
    def frame(self) -> str:
        """The text frame as it goes to the hub."""
        return f'{{"seq":{self.seq},{self.body[1:]}'


def body_of(message: Durable) -> str:
    """Return the message as JSON without `seq`, which the writer decides. Bytes that are no text were base64 before."""
    value = encode(message)
    del value["seq"]
    return _ENCODER.encode(value)


def is_outcome(message: Durable | None) -> bool:
    return isinstance(message, OUTCOMES)


class Tail:
    """The newest records, so that a healthy link never reads the file. Holds at most about `limit` characters."""

    def __init__(self, last_seq: int, limit: int) -> None:
        self._from = last_seq  # every record after this number is in `_records`
        self._limit = limit
        self._size = 0
        self._seqs: list[int] = []
        self._records: list[Record] = []

    def add(self, record: Record) -> None:
        self._seqs.append(record.seq)
        self._records.append(record)
        self._size += len(record.body)
        if self._size > self._limit:
            self._drop(max(1, len(self._seqs) // 4))

    def after(self, seq: int, limit: int) -> tuple[Record, ...] | None:
        """Return up to `limit` records numbered above `seq`, or None where only the file knows."""
        if seq < self._from:
            return None
        start = bisect_right(self._seqs, seq)
        return tuple(self._records[start : start + limit])

    def forget(self, seq: int) -> None:
        """Drop everything up to and including `seq`."""
        self._drop(bisect_right(self._seqs, seq))

    def remove(self, seq: int) -> None:
        index = bisect_right(self._seqs, seq) - 1
        if index >= 0 and self._seqs[index] == seq:
            self._size -= len(self._records[index].body)
            del self._seqs[index], self._records[index]

    def _drop(self, count: int) -> None:
        if count:
            self._from = self._seqs[count - 1]
            self._size -= sum(len(record.body) for record in self._records[:count])
            del self._seqs[:count], self._records[:count]
