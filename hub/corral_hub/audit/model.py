"""An entry of the audit log, and the chain that entries form. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

LONGEST = 300
GENESIS = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who is asking, from where; `via` names the API key that was used."""

    who: str
    address: str | None = None
    via: str | None = None


HUB = Actor(who="hub")
"""Whoever has the hub's own data directory, or the hub by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    at: datetime
    actor: Actor
    action: str
    target: str
    name: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def chain(before: bytes, entry: Entry) -> bytes:
    """Return the hash of an entry that follows the one with the hash `before`."""
    said = [
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"), entry.actor.who, entry.actor.via,
        entry.actor.address, entry.action, entry.target, entry.name, dict(entry.details),
    ]  # fmt: skip
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(before + text.encode()).digest()


def first_broken(before: bytes, rows: Iterable[tuple[int, Entry, bytes]]) -> tuple[int | None, bytes]:
    """Return (the number of the first entry that does not follow from the one before, the last hash)."""
    for number, entry, kept in rows:
        if chain(before, entry) != kept:
            return number, kept
        before = kept
    return None, before


def bounded(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return details that can be stored: short texts, no nulls inside, nothing but JSON."""
    return {name: _short(value) for name, value in details.items()}


def _short(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, list | tuple):
        return [_short(item) for item in value[:20]]
    return plain(value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True))


def plain(text: str) -> str:
    """Return a text as it can be stored."""
    return text.replace("\x00", "�").encode("utf-8", "replace").decode()[:LONGEST]
