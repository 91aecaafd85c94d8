"""JSON Schema, with an end: a few lines of it can ask for hours of work, so each step is counted. Pure.

References can double at every level, sets be compared pair by pair, and patterns backtrack. Here every evaluation of a
keyword costs, by the size of what it looks at, and patterns are RE2's, which match in linear time. What costs more
than its meter has left is not judged.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import re2
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from corral_protocol.codec import Json

STEPS = 20_000
"""For judging a value, and DECLARING for judging a schema, whose steps are smaller: about a tenth of a second."""
DECLARING = 60_000

UNBOUNDED: Final = frozenset({"unevaluatedItems", "unevaluatedProperties"})
"""The library's own look at what was evaluated is quadratic, recursive, and uses backtracking patterns."""

DEEPEST = 120
"""Keywords inside keywords. Python's own limit must not be met: libraries written in Rust panic at it."""

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]
_ESCAPES = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|.)", re.DOTALL)


class Unjudged(Exception):
    """The value was not held against the schema; the text says why."""


class Meter:
    """The steps left for one question; several schemas may share them."""

    def __init__(self, steps: int) -> None:
        self.left = steps
        self.depth = 0

    def charge(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise Unjudged("it takes too many steps; make less of it")

    def enter(self, steps: int) -> None:
        self.charge(steps)
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unjudged("it goes too deep")


_meter: ContextVar[Meter] = ContextVar("meter")
_root: ContextVar[int] = ContextVar("root")
"""How many parts the schema has whose references are followed."""


def find_problem(schema: Json, meter: Meter) -> str | None:
    """Return what keeps `schema` from being used as one, or None."""
    parts, words = _survey(schema)
    if unbounded := sorted(UNBOUNDED & words):
        return f"uses {unbounded[0]}, which is not supported here; use additionalProperties or prefixItems and items"
    try:
        meter.charge(parts // 16)
        found = _errors(_Schemas, _Schemas.META_SCHEMA, schema, meter, 1)
    except Unjudged as error:
        return f"cannot be checked: {error}"
    return f"is not a JSON Schema: {found[0].message[:300]}" if found else None


def find_errors(schema: Json, value: Json, meter: Meter, most: int) -> list[ValidationError]:
    """Return the first errors of `value`. Raises Unjudged where there is no answer."""
    try:
        return _errors(_Values, schema, value, meter, most)
    except (Unresolvable, ValueError) as error:  # ValueError: a `$ref` that is no URL
        raise Unjudged(str(error)[:200]) from error


def _errors(judge: Any, schema: Json, value: Json, meter: Meter, most: int) -> list[ValidationError]:
    metered, rooted = _meter.set(meter), _root.set(_survey(schema)[0])
    try:
        # An empty registry: a `$ref` to elsewhere is an error, never a request from inside the hub.
        return list(islice(judge(schema, registry=Registry()).iter_errors(value), most))
    finally:
        _root.reset(rooted)
        _meter.reset(metered)


def _survey(value: Json) -> tuple[int, set[str]]:
    """Return how many parts a JSON value has, and the names in it."""
    count, names, level = 0, set[str](), [value]
    while level:
        count += len(level)
        for whole in level:
            if isinstance(whole, dict):
                names |= whole.keys()
        level = [part for whole in level for part in _parts(whole)]
    return count, names


def _parts(value: Json) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


# -- patterns -----------------------------------------------------------------


@lru_cache(maxsize=128)
def _pattern(text: str) -> Any:
    """Return the compiled pattern. Raises re2.error for what is none, or cannot be matched in linear time."""
    options = re2.Options()
    options.max_mem, options.log_errors = 1 << 19, False
    return re2.compile(_ESCAPES.sub(lambda found: rf"\x{{{found[1]}}}" if found[1] else found[0], text), options)


def _matches(text: str, value: str) -> bool:
    pattern = _pattern(text)
    _meter.get().charge(1 + len(value) * pattern.programsize // 1000)
    return pattern.search(value) is not None


def _check_pattern(judge: Any, wanted: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if wanted != "regex" or not isinstance(value, str):
        return
    try:
        _pattern(value)
    except re2.error as error:
        why = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        yield ValidationError(f"the pattern {value[:100]!r} cannot be used: {why} (RE2 syntax: no look-around)")


# -- keywords of which the library makes more work than there is, or uses its own patterns -------------------------


def _pattern_keyword(judge: Any, wanted: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not _matches(wanted, value):
        yield ValidationError(f"{value!r} does not match {wanted!r}")


def _pattern_properties(judge: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for pattern, inner in wanted.items():
            for name in [name for name in value if _matches(pattern, name)]:
                yield from judge.descend(value[name], inner, path=name, schema_path=pattern)


def _additional_properties(judge: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    extras = [name for name in value if name not in known and not any(_matches(text, name) for text in patterns)]
    if wanted is False and extras:
        yield ValidationError(f"additional properties are not allowed: {', '.join(map(repr, extras[:10]))}")
    elif isinstance(wanted, dict):
        for name in extras:
            yield from judge.descend(value[name], wanted, path=name)


def _unique_items(judge: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if wanted and isinstance(value, list):
        _meter.get().charge(_survey(value)[0] // 8)
        if len({_key(part) for part in value}) < len(value):
            yield ValidationError(f"{value!r} has non-unique elements")


def _unsupported(judge: Any, wanted: Any, value: Any, schema: Any) -> None:
    raise Unjudged("it uses what is not supported here")


def _key(value: Json) -> Any:
    """Return something hashable that is equal for what JSON Schema calls equal: 1 and 1.0, but not 1 and true."""
    if isinstance(value, dict):
        return frozenset((name, _key(part)) for name, part in value.items())
    if isinstance(value, list):
        return "list", tuple(_key(part) for part in value)
    return ("bool", value) if isinstance(value, bool) else value


# -- what each keyword costs ------------------------------------------------------------------------------------------


def _size(value: Any) -> int:
    return len(value) if isinstance(value, (dict, list)) else 0


def _each(wanted: Any, value: Any) -> int:
    """One schema, held against every part of the value."""
    return _size(value) * (8 + _size(wanted)) // 16


def _all_of(wanted: Any, value: Any) -> int:
    """Several schemas, each held against the value or a part of it."""
    return sum(4 + _size(inner) for inner in _parts(wanted)) // 16


def _compared(wanted: Any, value: Any) -> int:
    return _survey(wanted)[0] // 8 if isinstance(value, (dict, list)) else _size(wanted) // 16


COSTS: Final[Mapping[str, Callable[[Any, Any], int]]] = {
    **dict.fromkeys(("items", "additionalProperties", "propertyNames"), _each),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems", "properties", "dependentSchemas"), _all_of),
    **dict.fromkeys(("enum", "const"), _compared),
    "contains": lambda wanted, value: _size(value) + _each(wanted, value),
    "required": lambda wanted, value: len(wanted) // 16,
    "dependentRequired": lambda wanted, value: _survey(wanted)[0] // 16,
    # a look-up may read the whole schema, and leads to an object of any width
    "$ref": lambda wanted, value: _root.get() // (64 if wanted.startswith("#/") else 4),
    "$dynamicRef": lambda wanted, value: 1,
}


def _counted(name: str, keyword: Keyword) -> Keyword:
    cost = COSTS.get(name, lambda wanted, value: 0)

    def judge(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        meter = _meter.get()
        meter.enter(1 + cost(wanted, value))
        try:
            for error in keyword(validator, wanted, value, schema) or ():
                meter.charge(len(error.message) // 64)  # it may quote the whole value
                yield error
        finally:
            meter.depth -= 1

    return judge


_OWN: Final[Mapping[str, Keyword]] = {
    "pattern": _pattern_keyword,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
    "format": lambda *_: None,
}
_KEYWORDS: Final = {
    **{name: keyword for name, keyword in Draft202012Validator.VALIDATORS.items() if name not in UNBOUNDED},
    **_OWN,
    **dict.fromkeys(UNBOUNDED, _unsupported),
}
_FIELDS: Final = {"_ref_resolver": "resolver", "_registry": "registry", "_resolver": "_resolver"}


def _evolve(judge: Any, **changes: Any) -> Any:
    """Return the validator of an inner schema: of this class, whatever draft that names as its `$schema`."""
    kept = {argument: getattr(judge, name) for name, argument in _FIELDS.items()}
    return type(judge)(**{**kept, **changes})


def _made(base: Any, keywords: Mapping[str, Keyword]) -> Any:
    made: Any = extend(base, {name: _counted(name, keyword) for name, keyword in keywords.items()})
    made.evolve = _evolve
    return made


_Values: Final = _made(Draft202012Validator, _KEYWORDS)
_Schemas: Final = _made(_Values, {"format": _check_pattern})
