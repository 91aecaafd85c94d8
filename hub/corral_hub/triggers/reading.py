"""Parameters of trigger nodes, read: typed values, and what is wrong with them. Pure."""

from collections.abc import Mapping
from typing import Any

from corral_protocol.codec import Json


class BadTrigger(ValueError):
    """`name`: the parameter. The text says what is wrong with it."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name


def text(parameters: Mapping[str, Json], name: str, default: str = "", *, most: int = 2000) -> str:
    """Numbers count as their digits, as forms give them. Raises BadTrigger."""
    value = parameters.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadTrigger(name, "must be text")
    if len(str(value)) > most or not str(value).isprintable():
        raise BadTrigger(name, f"must be one line of at most {most} printable characters")
    return str(value)


def choice(parameters: Mapping[str, Json], name: str, default: str, choices: tuple[str, ...]) -> str:
    """Raises BadTrigger."""
    value = text(parameters, name, default)
    if value not in choices:
        raise BadTrigger(name, f"must be one of {', '.join(choices)}")
    return value


def whole(parameters: Mapping[str, Json], name: str, default: int, least: int, most: int) -> int:
    """Raises BadTrigger."""
    value: Any = parameters.get(name)
    if value is None or value == "":
        return default
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadTrigger(name, "must be a whole number") from error
    if isinstance(value, bool) or not least <= number <= most or number != int(number):
        raise BadTrigger(name, f"must be a whole number from {least} to {most}")
    return int(number)
