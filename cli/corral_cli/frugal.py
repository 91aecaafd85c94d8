"""Parameters that cost only what they are given: typer builds a pydantic validator for each, also for absent ones.

Importing pydantic takes as long as everything else at start-up together, and agents start this program often. So what
is plainly right is accepted here; anything else goes to typer, which knows how to complain.
"""

from enum import Enum
from pathlib import Path
from typing import Any

_PLAIN = (str, list[str])


class _Frugal:
    """Stands where typer's coercion stands."""

    def __init__(self, parameter: Any) -> None:
        self._build = parameter.get_runtime_param
        self._kind = parameter.type_descriptor.annotation
        about = parameter.type_descriptor.parameter_info
        self._least, self._most = about.min, about.max

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if self._kind in _PLAIN or (isinstance(self._kind, type) and isinstance(value, self._kind)):
            return value
        found = self._plainly(value)
        return self._build().coerce(value, param=param, ctx=ctx) if found is None else found

    def _plainly(self, value: Any) -> Any:
        """Return what a text stands for; None for what is wrong, or not ours to judge."""
        if not isinstance(value, str) or not isinstance(self._kind, type):
            return None
        if issubclass(self._kind, Enum):
            return next((member for member in self._kind if member.value == value), None)
        if self._kind is int and value.isascii() and value.isdigit():
            number = int(value)
            fits = (self._least is None or number >= self._least) and (self._most is None or number <= self._most)
            return number if fits else None
        return Path(value) if self._kind is Path else None


def make_frugal(command: Any) -> None:
    """Let the command coerce only what needs it."""
    for parameter in command.params:
        _relieve(parameter)
    original = command.get_help_option
    command.get_help_option = lambda context: _relieve(original(context))


def _relieve(parameter: Any) -> Any:
    if hasattr(parameter, "get_runtime_param") and "get_runtime_param" not in vars(parameter):
        frugal = _Frugal(parameter)
        parameter.get_runtime_param = lambda: frugal
    return parameter
