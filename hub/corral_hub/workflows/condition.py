"""Conditions on edges (MachinaOs: "conditional edges"): 24 operators, and groups of them. Pure.

A condition that cannot be asked of a value is false, never an error: a run does not fail because an answer was short.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import re2

from corral_protocol.codec import Json, Malformed

DEEPEST = 8
_PATTERN_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """`field`: a path with dots into the source's output; digits index lists; "" is the output itself."""

    field: str
    operator: str
    value: Json = None


@dataclass(frozen=True, slots=True)
class Group:
    """True if all of its members are, or with `any` if one is."""

    members: "tuple[Condition, ...]"
    any: bool = False


Condition = Question | Group


def read(value: Json, pointer: str = "", depth: int = 0) -> Condition:
    """Return the condition of `{field, operator, value}`, `{all: […]}` or `{any: […]}`. Raises Malformed."""
    if not isinstance(value, Mapping):
        raise Malformed(pointer, "expected an object: {field, operator, value}, {all: […]} or {any: […]}")
    if depth > DEEPEST:
        raise Malformed(pointer, f"groups are at most {DEEPEST} deep")
    for word in ("all", "any"):
        if word in value:
            return _read_group(value[word], f"{pointer}/{word}", word == "any", depth)
    field, operator = value.get("field", ""), value.get("operator", "eq")
    if not isinstance(field, str):
        raise Malformed(f"{pointer}/field", "expected a path as a string")
    if not isinstance(operator, str) or operator not in OPERATORS:
        raise Malformed(f"{pointer}/operator", f"must be one of {', '.join(OPERATORS)}")
    return Question(field, operator, value.get("value"))


def write(condition: Condition) -> Json:
    """Return the JSON that `read` gives the condition for."""
    if isinstance(condition, Group):
        return {"any" if condition.any else "all": [write(member) for member in condition.members]}
    written: dict[str, Json] = {"field": condition.field, "operator": condition.operator}
    return written if condition.operator in UNARY else {**written, "value": condition.value}


def holds(condition: Condition, output: Json) -> bool:
    """Return whether the condition is true of a node's output."""
    if isinstance(condition, Group):
        quantifier = any if condition.any else all
        return quantifier(holds(member, output) for member in condition.members)
    try:
        return OPERATORS[condition.operator](follow(output, condition.field), condition.value)
    except (TypeError, ValueError, OverflowError, RecursionError, KeyError):
        return False


def follow(value: Json, path: str) -> Json:
    """Return what the path leads to, or None."""
    for part in path.split(".") if path else ():
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and len(part) < 12:
            index = int(part)
            value = value[index] if index < len(value) else None
        else:
            return None
    return value


def _read_group(members: Json, pointer: str, any_: bool, depth: int) -> Group:
    if not isinstance(members, list) or not members:
        raise Malformed(pointer, "expected an array of conditions, with at least one")
    return Group(tuple(read(member, f"{pointer}/{i}", depth + 1) for i, member in enumerate(members)), any_)


def _equal(actual: Json, wanted: Json) -> bool:
    """Without coercion: neither "1" nor true is 1."""
    return isinstance(actual, bool) is isinstance(wanted, bool) and actual == wanted


def _compare(ask: Callable[[Any, Any], bool]) -> Callable[[Json, Json], bool]:
    """As numbers if both are, else as texts; null is not comparable."""

    def compare(actual: Json, wanted: Json) -> bool:
        if actual is None or wanted is None:
            return False
        try:
            numbers = float(actual), float(wanted)
        except (TypeError, ValueError):
            return ask(str(actual), str(wanted))
        return ask(*numbers)

    return compare


def _contains(actual: Json, wanted: Json) -> bool:
    if isinstance(actual, str):
        return str(wanted) in actual
    if isinstance(actual, Mapping):
        return isinstance(wanted, str) and wanted in actual
    return isinstance(actual, list) and any(_equal(item, wanted) for item in cast("list[Json]", actual))


def _is_in(actual: Json, wanted: Json) -> bool:
    if not isinstance(wanted, list):
        return _equal(actual, wanted)
    return any(_equal(actual, item) for item in cast("list[Json]", wanted))


def _matches(actual: Json, wanted: Json) -> bool:
    """With RE2, whose time is linear: the pattern comes from whoever wrote the workflow."""
    pattern = str(wanted)
    if actual is None or len(pattern) > _PATTERN_LIMIT:
        return False
    try:
        return re2.search(pattern, str(actual), _quiet()) is not None
    except re2.error:
        return False


def _quiet() -> Any:
    options = re2.Options()
    options.log_errors = False
    return options


def _is_empty(actual: Json) -> bool:
    return actual is None or (isinstance(actual, (str, list, Mapping)) and not actual)


def _is_number(actual: Json) -> bool:
    return isinstance(actual, (int, float)) and not isinstance(actual, bool)


def _is_true(actual: Json) -> bool:
    return actual is True or actual == "true" or (_is_number(actual) and actual == 1)


def _is_false(actual: Json) -> bool:
    return actual is False or actual == "false" or (_is_number(actual) and actual == 0)


OPERATORS: Final[Mapping[str, Callable[[Json, Json], bool]]] = {
    "eq": _equal,
    "neq": lambda actual, wanted: not _equal(actual, wanted),
    "gt": _compare(lambda actual, wanted: actual > wanted),
    "lt": _compare(lambda actual, wanted: actual < wanted),
    "gte": _compare(lambda actual, wanted: actual >= wanted),
    "lte": _compare(lambda actual, wanted: actual <= wanted),
    "contains": _contains,
    "not_contains": lambda actual, wanted: not _contains(actual, wanted),
    "exists": lambda actual, _: actual is not None,
    "not_exists": lambda actual, _: actual is None,
    "is_empty": lambda actual, _: _is_empty(actual),
    "is_not_empty": lambda actual, _: not _is_empty(actual),
    "matches": _matches,
    "in": _is_in,
    "not_in": lambda actual, wanted: not _is_in(actual, wanted),
    "starts_with": lambda actual, wanted: actual is not None and str(actual).startswith(str(wanted)),
    "ends_with": lambda actual, wanted: actual is not None and str(actual).endswith(str(wanted)),
    "is_true": lambda actual, _: _is_true(actual),
    "is_false": lambda actual, _: _is_false(actual),
    "is_string": lambda actual, _: isinstance(actual, str),
    "is_number": lambda actual, _: _is_number(actual),
    "is_boolean": lambda actual, _: isinstance(actual, bool),
    "is_array": lambda actual, _: isinstance(actual, list),
    "is_object": lambda actual, _: isinstance(actual, Mapping),
}
UNARY: Final = frozenset(
    {
        "exists", "not_exists", "is_empty", "is_not_empty", "is_true", "is_false",
        "is_string", "is_number", "is_boolean", "is_array", "is_object",
    }
)  # fmt: skip
"""Operators that need no value."""
