"""Dataclasses as JSON Schema: what `codec.decode` takes, said so that forms can be drawn from it. Pure.

A field says more of itself by `about(…)`: its description, limits, choices, and when a form shows it.
"""

import dataclasses
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from corral_protocol.codec import encode

_SCALARS: Mapping[Any, Mapping[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Any: {},
}


def about(default: Any = dataclasses.MISSING, **words: Any) -> Any:
    """Return a dataclass field with JSON Schema keywords: `description`, `minimum`, `enum`, `format` …

    `shown_when={"method": ["POST"]}` becomes `x-shown-when`: a form shows the field only then. `handles=True` becomes
    `x-handles`: the names in this object are handles of the node, from which edges can begin.
    """
    for word in ("shown_when", "handles"):
        if word in words:
            words[f"x-{word.replace('_', '-')}"] = words.pop(word)
    if callable(default) and default is not dataclasses.MISSING:
        return dataclasses.field(default_factory=default, metadata={"schema": words})
    return dataclasses.field(default=default, metadata={"schema": words})


Named = Mapping[type, str]
"""Dataclasses that stand elsewhere in a document, by the pointer to there: `#/$defs/node`."""
_NONE: Named = {}


def schema_of(cls: type, named: Named = _NONE) -> dict[str, Any]:
    """Return the JSON Schema of a dataclass. Raises TypeError for a type that the codec does not read."""
    hints = get_type_hints(cls)
    fields = dataclasses.fields(cls)
    properties = {field.name: _property(field, hints[field.name], named) for field in fields}
    required = [field.name for field in fields if _is_required(field)]
    written: dict[str, Any] = {"type": "object", "properties": properties}
    return {**written, "required": required} if required else written


def _property(field: "dataclasses.Field[Any]", kind: Any, named: Named) -> dict[str, Any]:
    written = {**_schema(kind, named), **field.metadata.get("schema", {})}
    if field.default is not dataclasses.MISSING and field.default is not None:
        written["default"] = encode(field.default)
    elif field.default_factory is not dataclasses.MISSING:
        written["default"] = encode(field.default_factory())
    return written


def _schema(kind: Any, named: Named) -> dict[str, Any]:
    if kind in named:
        return {"$ref": named[kind]}
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(list(get_args(kind)), named)
    if origin is tuple:
        return {"type": "array", "items": _schema(get_args(kind)[0], named)}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(get_args(kind)[1], named)}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return schema_of(kind, named)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [member.value for member in kind]}
    if kind not in _SCALARS:
        raise TypeError(f"no JSON Schema for {kind!r}")
    return dict(_SCALARS[kind])


def _union(parts: list[Any], named: Named) -> dict[str, Any]:
    """Null is how one says "not given": a form does not offer it."""
    inner = [_schema(part, named) for part in parts if part is not type(None)]
    return inner[0] if len(inner) == 1 else {"anyOf": inner}


def _is_required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
