"""Text and JSON that PostgreSQL can store."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, overload

import orjson
from pydantic import AfterValidator

MAX_DEPTH = 64
_CONTAINERS = frozenset({dict, list})
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # as orjson writes it; behind a backslash it is six plain characters

# What orjson says of a value that it cannot write, by a word of its own.
_UNWRITABLE: Final[Mapping[str, str]] = {
    "UTF-8": "must be valid Unicode (it has a lone surrogate)",
    "64-bit": "must be a number of at most 64 bits",
}


def check_text(value: str) -> str:
    """Return `value`. Raises ValueError for what cannot be stored: NUL and lone surrogates."""
    if "\x00" in value:
        raise ValueError("must not contain the NUL character")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError("must be valid Unicode (it has a lone surrogate)") from error
    return value


def check_line(value: str) -> str:
    """Return `value`, a name as people see it in lists and logs. Raises ValueError for what cannot be printed."""
    if not value.isprintable():
        raise ValueError("must be one line of printable characters")
    return value


def check_json(value: Any) -> Any:
    """Return `value`, a JSON value whose every part can be stored. Raises ValueError.

    A body may hold half a million values: what looks at each of them is written in C.
    """
    _check_depth(value)
    try:
        text = orjson.dumps(value)
    except TypeError as error:
        told = (said for word, said in _UNWRITABLE.items() if word in str(error))
        raise ValueError(next(told, str(error))) from error
    if b"\\u0000" in text and _NUL.search(text):
        raise ValueError("must not contain the NUL character")
    if b"null" in text:  # how orjson writes what is not finite
        _check_finite(value)
    return value


def _check_depth(value: Any) -> None:
    level = [value] if type(value) in _CONTAINERS else []
    for _ in range(MAX_DEPTH):
        level = [
            part
            for whole in level
            for part in (whole.values() if type(whole) is dict else whole)
            if type(part) in _CONTAINERS and part
        ]
        if not level:
            return
    raise ValueError(f"is nested deeper than {MAX_DEPTH} levels")


def _check_finite(value: Any) -> None:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError as error:
        raise ValueError("must be a finite number") from error


@overload
def stamp(moment: datetime) -> str: ...
@overload
def stamp(moment: None) -> None: ...
@overload
def stamp(moment: datetime | None) -> str | None: ...
def stamp(moment: datetime | None) -> str | None:
    """Return RFC 3339, UTC."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


Text = Annotated[str, AfterValidator(check_text)]
Line = Annotated[Text, AfterValidator(check_line)]
JsonValue = Annotated[Any, AfterValidator(check_json)]
