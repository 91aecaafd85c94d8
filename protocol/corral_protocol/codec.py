"""Dataclasses ↔ JSON values, with the types checked at the door.

`decode(cls, value)` builds a frozen dataclass from a JSON object and names the first thing that is wrong by JSON
pointer; `encode(message)` is its inverse. Unknown fields are ignored on the wire (older and newer peers must be able
to talk), missing required ones are refused. Decoders are compiled once per class, so a frame costs dictionary
look-ups and no reflection.
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Json = Any
"""A JSON value. A recursive alias is true but unusable for type checkers; the codec is where the truth is kept."""

_Decoder = Callable[[Json, str], Any]
INTEGER_LIMIT = 2**63
_PLAIN = frozenset({str, int, float, bool, type(None)})


class Malformed(ValueError):
    """A value does not have the declared shape. `pointer` says where (RFC 6901), `problem` says what."""

    def __init__(self, pointer: str, problem: str) -> None:
        super().__init__(f"{pointer or '/'}: {problem}")
        self.pointer = pointer
        self.problem = problem


def decode(cls: type[T], value: Json) -> T:
    """Return `value` as an instance of dataclass `cls`. Raises Malformed."""
    return typing.cast(T, _decoder(cls)(value, ""))


def encode(value: Any) -> Json:
    """Return dataclasses, and containers of them, as plain JSON tagged with `type`; default Nones are left out."""
    kind = type(value)
    if kind in _PLAIN:  # most values are: the question what else it may be costs more than all the rest
        return value
    if kind is dict:
        return {str(key): encode(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [encode(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        tag = getattr(type(value), "TYPE", None)
        body = {
            name: encode(item)
            for name, is_default_none in _field_names(type(value))
            if (item := getattr(value, name)) is not None or not is_default_none
        }
        return {"type": tag, **body} if tag else body
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, frozenset, set)):
        return [encode(item) for item in value]
    return value


def decode_tagged(messages: Mapping[str, type[T]], value: Json) -> T:
    """Pick the class by `value["type"]` and decode. Raises Malformed, also for an unknown type."""
    if not isinstance(value, dict):
        raise Malformed("", f"expected an object, got {_kind(value)}")
    tag = value.get("type")
    if not isinstance(tag, str):
        raise Malformed("/type", "missing or not a string")
    if tag not in messages:
        raise Malformed("/type", f"unknown message type {tag[:64]!r}")
    return decode(messages[tag], value)


def table(*classes: type[T]) -> Mapping[str, type[T]]:
    """Return {TYPE: class}. Raises ValueError when a tag is declared twice."""
    result: dict[str, type[T]] = {}
    for cls in classes:
        tag: str = getattr(cls, "TYPE")  # noqa: B009 - a ClassVar no base class declares
        if tag in result:
            raise ValueError(f"message type {tag!r} is declared twice")
        result[tag] = cls
    return types.MappingProxyType(result)


@cache
def _field_names(cls: type) -> tuple[tuple[str, bool], ...]:
    """The fields, each with whether its absence means None."""
    return tuple((field.name, field.default is None) for field in dataclasses.fields(cls))


@cache
def _decoder(kind: Any) -> _Decoder:
    if kind is Any:
        return lambda value, _: value
    if dataclasses.is_dataclass(kind):
        return _dataclass_decoder(typing.cast(type, kind))
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _optional_decoder(kind)
    if origin is tuple:
        return _tuple_decoder(get_args(kind)[0])
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_decoder(get_args(kind)[1])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum_decoder(kind)
    return _scalar_decoder(kind)


def _dataclass_decoder(cls: type) -> _Decoder:
    @cache
    def plan() -> list[tuple[str, _Decoder, bool]]:  # at the first use: a class may hold others of its kind
        hints = get_type_hints(cls)
        return [
            (field.name, _decoder(hints[field.name]), _is_required(field))
            for field in dataclasses.fields(cls)
            if field.init
        ]

    def read(value: Json, pointer: str) -> Any:
        if not isinstance(value, dict):
            raise Malformed(pointer, f"expected an object, got {_kind(value)}")
        arguments = {}
        for name, inner, required in plan():
            if name in value:
                arguments[name] = inner(value[name], f"{pointer}/{name}")
            elif required:
                raise Malformed(f"{pointer}/{name}", "is required")
        return cls(**arguments)

    return read


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _optional_decoder(kind: Any) -> _Decoder:
    inner = [_decoder(part) for part in get_args(kind) if part is not type(None)]
    nullable = type(None) in get_args(kind)

    def read(value: Json, pointer: str) -> Any:
        if value is None and nullable:
            return None
        problem: Malformed | None = None
        for attempt in inner:
            try:
                return attempt(value, pointer)
            except Malformed as error:
                problem = error
        raise problem or Malformed(pointer, "must be null")

    return read


def _tuple_decoder(item: Any) -> _Decoder:
    inner = _decoder(item)

    def read(value: Json, pointer: str) -> Any:
        if not isinstance(value, list):
            raise Malformed(pointer, f"expected an array, got {_kind(value)}")
        return tuple(inner(entry, f"{pointer}/{index}") for index, entry in enumerate(value))

    return read


def _mapping_decoder(item: Any) -> _Decoder:
    inner, read_key = _decoder(item), _decoder(str)

    def read(value: Json, pointer: str) -> Any:
        if not isinstance(value, dict):
            raise Malformed(pointer, f"expected an object, got {_kind(value)}")
        return {read_key(key, pointer): inner(entry, f"{pointer}/{_escape(key)}") for key, entry in value.items()}

    return read


def _enum_decoder(kind: type[Enum]) -> _Decoder:
    legal = {member.value: member for member in kind}

    def read(value: Json, pointer: str) -> Any:
        if not isinstance(value, str) or value not in legal:
            raise Malformed(pointer, f"must be one of {', '.join(map(str, legal))}")
        return legal[value]

    return read


def _scalar_decoder(kind: Any) -> _Decoder:
    if kind not in (str, int, float, bool, type(None)):
        raise TypeError(f"the codec has no decoder for {kind!r}")

    def read(value: Json, pointer: str) -> Any:
        if type(value) is not kind and not (kind is float and type(value) is int):
            raise Malformed(pointer, f"expected {kind.__name__}, got {_kind(value)}")
        if problem := _unusable(value):
            raise Malformed(pointer, problem)
        return float(value) if kind is float else value

    return read


def _unusable(value: Json) -> str | None:
    """What JSON can write and nobody can keep: numbers beyond a database's integers, text that is no Unicode."""
    if type(value) is int and not -INTEGER_LIMIT <= value < INTEGER_LIMIT:
        return "does not fit into 64 bits"
    if type(value) is str and not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        return "is not valid Unicode"
    return None


def _escape(key: str) -> str:
    """Return a key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _kind(value: Json) -> str:
    return "null" if value is None else type(value).__name__
