"""What has come into the inbox and what has left it, from one reading to the next. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Item = Mapping[str, Any]


class Turn(StrEnum):
    """`CAME` also for what was there and has changed: what it asks now is what counts."""

    CAME = "came"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Change:
    turn: Turn
    item: Item


def changes(known: Mapping[str, Item], items: Sequence[Item], *, whole: bool) -> list[Change]:
    """Return what has left, then what has come, the oldest first: the newest is read last.

    `known`: by key. `items`: the newest; `whole`: there are no others. What is older than they are may still be there.
    """
    new = {item["key"]: item for item in items}
    oldest = "" if whole or not items else str(items[-1]["since"])
    gone = (item for key, item in known.items() if key not in new and (whole or str(item["since"]) > oldest))
    came = (item for key, item in new.items() if known.get(key) != item)
    return [*(Change(Turn.LEFT, item) for item in gone), *(Change(Turn.CAME, item) for item in reversed([*came]))]


def applied(known: Mapping[str, Item], found: Sequence[Change]) -> dict[str, Item]:
    """Return what is known after these changes."""
    left = {change.item["key"] for change in found if change.turn is Turn.LEFT}
    came = {change.item["key"]: change.item for change in found if change.turn is Turn.CAME}
    return {**{key: item for key, item in known.items() if key not in left}, **came}
