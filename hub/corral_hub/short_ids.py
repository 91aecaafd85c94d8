"""Ids as people type them: a full UUID, or an unambiguous prefix of at least four characters. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from corral_hub.errors import Conflict, NotFound

SHORTEST = 4
_HEX = re.compile(r"[0-9a-f]{1,8}(-[0-9a-f]{0,4}){0,3}(-[0-9a-f]{0,12})?\Z")


@dataclass(frozen=True, slots=True)
class Prefix:
    text: str


def parse(text: str, noun: str) -> UUID | Prefix:
    """Return what `text` can mean. Raises NotFound when nothing can be called so."""
    lowered = text.strip().lower()
    if len(lowered) in (32, 36):
        try:
            return UUID(lowered)
        except ValueError:
            pass
    if len(lowered) < SHORTEST or not _HEX.match(lowered):
        raise NotFound(
            f"{noun}_not_found",
            f"{text[:64]!r} is no {noun}'s id",
            f"give the whole id, or at least its first {SHORTEST} characters",
        )
    return Prefix(lowered)


def pick(candidates: Sequence[tuple[UUID, str]], text: str, noun: str) -> UUID:
    """Return the only candidate. Raises NotFound for none, Conflict(ambiguous_id) listing several."""
    if not candidates:
        raise NotFound(f"{noun}_not_found", f"no {noun} starts with {text}", f"corral {noun} list")
    if len(candidates) > 1:
        raise Conflict(
            "ambiguous_id",
            f"{len(candidates)} {noun}s start with {text}",
            "give more characters",
            candidates=[{"id": str(id), "title": title} for id, title in candidates],
        )
    return candidates[0][0]
