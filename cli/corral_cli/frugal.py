"""Parameters that cost only what they are given: typer builds a pydantic validator for each, also for absent ones.

Importing pydantic takes as long as everything else at start-up together, and agents start this program often.
"""

from typing import Any


class _WhenGiven:
    """Stands where typer's coercion stands: an absent value, plain text and a switch need none."""

    def __init__(self, parameter: Any) -> None:
        self._build = parameter.get_runtime_param
        self._is_plain = parameter.type_descriptor.annotation in (str, list[str])

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        return value if self._is_plain else self._build().coerce(value, param=param, ctx=ctx)


def make_frugal(command: Any) -> Any:
    """Return the command; it and everything below it coerce only what needs it."""
    for parameter in command.params:
        _relieve(parameter)
    original = command.get_help_option
    command.get_help_option = lambda context: _relieve(original(context))
    for below in getattr(command, "commands", {}).values():
        make_frugal(below)
    return command


def _relieve(parameter: Any) -> Any:
    if hasattr(parameter, "get_runtime_param") and "get_runtime_param" not in vars(parameter):
        frugal = _WhenGiven(parameter)
        parameter.get_runtime_param = lambda: frugal
    return parameter
