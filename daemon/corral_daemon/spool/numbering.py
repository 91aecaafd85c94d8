"""Sequence numbers that are never given twice, whatever the disk lost. Pure.

Numbers are reserved in blocks in a small file of their own. Output records are not forced to the platter one by one, so
a power cut may take records away that the hub has already seen. After an unclean end numbering therefore goes on
behind the reserved block: a gap is harmless, a number used for two messages is not.
"""

import json
from dataclasses import dataclass

BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Reservation:
    """No number above `limit` was ever given in spool `spool_id`."""

    spool_id: str
    limit: int


def dump(reservation: Reservation) -> str:
    return json.dumps({"spool_id": reservation.spool_id, "limit": reservation.limit}) + "\n"


def parse(text: str) -> Reservation | None:
    """Return what the file says, or None where it says nothing of use."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    spool_id, limit = value.get("spool_id"), value.get("limit")
    if not isinstance(spool_id, str) or type(limit) is not int or limit < 0:
        return None
    return Reservation(spool_id, limit)


def last_number(spool_id: str, stored: int, reservation: Reservation | None) -> int | None:
    """Return the number after which to go on, or None where it cannot be known and the spool needs a new name.

    `stored` is the highest number the spool itself remembers; 0 in a new one.
    """
    if reservation is None or reservation.spool_id != spool_id:
        return 0 if stored == 0 else None
    return max(stored, reservation.limit)


def reserve(spool_id: str, last: int, wanted: int) -> Reservation:
    return Reservation(spool_id, last + wanted + BLOCK)
