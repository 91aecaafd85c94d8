"""Templates in parameters: `{{label.path[0].field}}` stands for something an earlier node put out. Pure.

Two dialects. `machina` reads exactly what MachinaOs reads (its "parameter resolver"), so that an imported workflow
does what it did. `corral` adds spaces inside the braces, digits as list indexes after a dot, `?? default` (a JSON
literal or another path), and writes objects inside text as JSON.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from corral_hub.workflows.model import Dialect
from corral_protocol.codec import Json

_TEMPLATE: Final = re.compile(r"\{\{([^}]+)\}\}")
_PART: Final = re.compile(r"([^\[\]]*)((?:\[\d{1,9}\])*)")
_SPACE: Final = re.compile(r"\s+")
_DEEPEST = 64
_NOTHING: Final = object()

Scope = Mapping[str, Json]
"""What templates may name: normalised labels, and in our dialect `inputs`, `variables`, `run`, `item` and `index`."""


@dataclass(frozen=True, slots=True)
class TooDeep(ValueError):
    """Parameters are nested deeper than anybody reads."""


def normalise(label: str) -> str:
    """Return the name by which templates call a node of this label: lower case, without white space."""
    return _SPACE.sub("", label).lower()


def fill(value: Json, scope: Scope, dialect: Dialect, depth: int = 0) -> Json:
    """Return the value with every template in it replaced. What is inserted is not read again. Raises TooDeep."""
    if depth > _DEEPEST:
        raise TooDeep
    if isinstance(value, str):
        return _fill_text(value, scope, dialect) if "{{" in value else value
    if isinstance(value, Mapping):
        return {key: fill(item, scope, dialect, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [fill(item, scope, dialect, depth + 1) for item in cast("list[Json]", value)]
    return value


def names(value: Json, dialect: Dialect) -> Iterator[str]:
    """Return what the templates in the value begin with, as often as they do."""
    if isinstance(value, str):
        for found in _TEMPLATE.finditer(value):
            for path in _alternatives(found[1], dialect):
                if not _is_literal(path):
                    yield _root(path, dialect)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from names(item, dialect)
    elif isinstance(value, (list, tuple)):
        for item in cast("list[Json]", value):
            yield from names(item, dialect)


def _fill_text(text: str, scope: Scope, dialect: Dialect) -> Json:
    """A template alone keeps the type of what it stands for; among text it becomes text."""
    whole = _TEMPLATE.fullmatch(text.strip())
    if whole:
        return _look_up(whole[1], scope, dialect)
    return _TEMPLATE.sub(lambda found: _as_text(_look_up(found[1], scope, dialect), dialect), text)


def _look_up(content: str, scope: Scope, dialect: Dialect) -> Json:
    for path in _alternatives(content, dialect):
        if _is_literal(path) and dialect is Dialect.CORRAL:
            return json.loads(path)
        value = _follow(path, scope, dialect)
        if value is not None:
            return value
    return ""


def _alternatives(content: str, dialect: Dialect) -> list[str]:
    return [content] if dialect is Dialect.MACHINA else [part.strip() for part in content.split("??")]


def _is_literal(text: str) -> bool:
    if not text or text[0] not in '"-0123456789tfn[{':
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _root(path: str, dialect: Dialect) -> str:
    first = path.split(".", 1)[0].split("[", 1)[0]
    return normalise(first) if dialect is Dialect.CORRAL else first.lower()


def _follow(path: str, scope: Scope, dialect: Dialect) -> Json:
    steps = list(_steps(path))
    if not steps or not isinstance(steps[0], str):
        return None
    value = scope.get(_root(path, dialect))
    for step in steps[1:]:
        value = _step(value, step, dialect)
        if value is _NOTHING:
            return None
    return value


def _steps(path: str) -> Iterator[str | int]:
    """Return the keys and indexes of a path; nothing if it is none."""
    for part in path.split("."):
        found = _PART.fullmatch(part)
        if found is None:
            return
        if found[1]:
            yield found[1]
        for index in found[2][1:-1].split("][") if found[2] else ():
            yield int(index)


def _step(value: Json, step: str | int, dialect: Dialect) -> Json:
    if isinstance(step, str) and isinstance(value, list) and dialect is Dialect.CORRAL and step.isdecimal():
        step = int(step[:9])
    if isinstance(step, str):
        return value.get(step, _NOTHING) if isinstance(value, Mapping) else _NOTHING
    return value[step] if isinstance(value, list) and step < len(value) else _NOTHING


def _as_text(value: Json, dialect: Dialect) -> str:
    if isinstance(value, str):
        return value
    return str(value) if dialect is Dialect.MACHINA else json.dumps(value, ensure_ascii=False)
