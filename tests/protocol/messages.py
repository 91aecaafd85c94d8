"""Hypothesis strategies made from the hints of the protocol's dataclasses, and ways to spoil a message."""

import dataclasses
import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
}


def json_values(depth: int = 4) -> st.SearchStrategy[Any]:
    """Any JSON value, small."""
    leaves = st.one_of(*SCALARS.values())
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=depth
    )


@cache
def values(kind: Any) -> st.SearchStrategy[Any]:
    """Instances of a type as the protocol uses it."""
    if kind is Any:
        return json_values()
    if kind in SCALARS:
        return SCALARS[kind]
    if dataclasses.is_dataclass(kind):
        return instances(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    return _container(get_origin(kind), get_args(kind))


def instances(cls: Any) -> st.SearchStrategy[Any]:
    """Instances of a dataclass; fields with a default are sometimes left out."""
    hints = get_type_hints(cls)
    required: dict[str, Any] = {}
    optional: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        missing = field.default is field.default_factory is dataclasses.MISSING
        (required if missing else optional)[field.name] = values(hints[field.name])
    return st.fixed_dictionaries(required, optional=optional).map(lambda fields: cls(**fields))


def _container(origin: Any, inner: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin in (Union, types.UnionType):
        return st.one_of(*map(values, inner))
    if origin is tuple:
        return st.lists(values(inner[0]), max_size=3).map(tuple)
    assert issubclass(origin, Mapping)
    return st.dictionaries(TEXT, values(inner[1]), max_size=3)


Path = tuple[str | int, ...]


def places(value: Any, at: Path = ()) -> list[Path]:
    """The path of every value inside a JSON value, itself included."""
    children: Any = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    return [at, *(place for key, child in children for place in places(child, (*at, key)))]


@dataclasses.dataclass(frozen=True, slots=True)
class Spoiled:
    """A JSON value that was a message until the thing at `path` was replaced or removed."""

    body: Any
    path: Path
    removed: bool


WRONG = st.sampled_from([0, 1, 1.0, 1.5, -1, "1", "", True, False, [], {}, None, [[]], {"type": {}}])


@st.composite
def spoiled(draw: st.DrawFn, body: Any) -> Spoiled:
    """Spoil `body`, which is not used again."""
    path = draw(st.sampled_from(places(body)))
    if not path:
        return Spoiled(draw(WRONG | json_values()), path, False)
    holder = body
    for key in path[:-1]:
        holder = holder[key]
    if draw(st.booleans()):
        holder[path[-1]] = draw(WRONG | json_values())
        return Spoiled(body, path, False)
    del holder[path[-1]]
    return Spoiled(body, path, True)
