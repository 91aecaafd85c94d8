"""JSON that a stranger sent, looked into without trusting its shape. Pure."""

from collections.abc import Mapping
from typing import Any, cast

from corral_protocol.codec import INTEGER_LIMIT, Json


def inside(value: Json, *path: str | int) -> Json:
    """Return what stands at `path`, or None where it leads nowhere."""
    for step in path:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = cast("Mapping[str, Json]", value).get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(cast("list[Json]", value)):
            value = value[step]
        else:
            return None
    return value


def text(value: Json, *path: str | int) -> str:
    """Return a text, with what can be written in JSON and stored nowhere replaced: it is paid for."""
    found = inside(value, *path)
    if not isinstance(found, str):
        return ""
    return found.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def count(value: Json, *path: str | int) -> int:
    """Return a number of tokens; what is none counts as zero."""
    found = inside(value, *path)
    return found if type(found) is int and 0 <= found < INTEGER_LIMIT else 0


def objects(value: Json, *path: str | int) -> list[Mapping[str, Any]]:
    """Return the objects in the list at `path`."""
    found = inside(value, *path)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def set_only(**words: Json) -> dict[str, Json]:
    """Return the words that are not None."""
    return {name: value for name, value in words.items() if value is not None}
