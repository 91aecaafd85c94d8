"""A definition's file → its value, and the line on which each part of it stands. Pure.

YAML is read from its events, so that neither depth nor repetition can hurt, and in the way of YAML 1.2: `on`, `no` and
dates are texts. What JSON cannot say (tags, cycles, keys twice) is refused with its line.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NoReturn

import yaml

from corral_cli.errors import Usage

Json = Any

MOST_VALUES = 500_000
DEEPEST = 100
_TEXT = "tag:yaml.org,2002:str"
_PLAIN_TAGS = (None, "!", _TEXT, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_WORDS: Final[Mapping[str, Json]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBERS: Final[tuple[tuple[re.Pattern[str], Callable[[str], Json]], ...]] = (
    (re.compile(r"[-+]?[0-9]{1,300}"), int),
    (re.compile(r"0o[0-7]{1,300}"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]{1,300}"), lambda text: int(text[2:], 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
)


@dataclass(frozen=True)
class Document:
    """`find_lines` is asked only once somebody wants to know where a part stands."""

    value: Json
    find_lines: Callable[[], Mapping[str, int]]

    @cached_property
    def lines(self) -> Mapping[str, int]:
        return self.find_lines()

    def line_of(self, pointer: str) -> int | None:
        """Return the line of the part, or of the nearest part around it that is there."""
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer)


def read(text: str, name: str) -> Document:
    """Read JSON or YAML: by the file's ending, else by how it begins. Raises Usage."""
    if name.endswith(".json") or (not name.endswith((".yaml", ".yml")) and text.lstrip()[:1] in ("{", "[")):
        return Document(_read_json(text, name), lambda: _lines_of_json(text))
    builder = _build(text, name)
    return Document(builder.value, lambda: builder.lines)


def plain(text: str) -> Json:
    """Return what unquoted text stands for."""
    if text in _WORDS:
        return _WORDS[text]
    for pattern, make in _NUMBERS:
        if pattern.fullmatch(text):
            number = make(text)
            return number if math.isfinite(number) else text
    return text


def _read_json(text: str, name: str) -> Json:
    def unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [key for key, _ in pairs]
            twice = next(key for key in names if names.count(key) > 1)
            raise Usage(f"{name}: the key {twice!r} stands twice in one object", code="bad_json", hint="Remove one.")
        return found

    def no_number(word: str) -> Json:
        raise Usage(f"{name}: {word} is no JSON", code="bad_json", hint="Write a number, or a text in quotes.")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=no_number)
    except json.JSONDecodeError as error:
        raise Usage(
            f"{name} is not valid JSON: {error.msg} in line {error.lineno}, column {error.colno}",
            code="bad_json",
            hint="Correct that place; a name that ends in .yaml is read as YAML.",
        ) from error
    except RecursionError as error:
        raise Usage(f"{name} is nested too deeply", code="bad_json", hint=f"{DEEPEST} levels are enough.") from error


def _lines_of_json(text: str) -> Mapping[str, int]:
    """JSON is YAML, but for tabs and a few oddities; where it is not, lines are not known."""
    try:
        return _build(text.replace("\t", " "), "").lines
    except Usage:
        return {}


def _build(text: str, name: str) -> "_Builder":
    builder = _Builder(name)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        raise Usage(f"{name} is not valid YAML: {what}{place}", code="bad_yaml", hint="Correct that place.") from error
    return builder


def _events(text: str) -> Iterator[Any]:
    return yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # in C where it was built with it


@dataclass(slots=True)
class _Open:
    """An object or array that has not ended. `key`: of the object's next value."""

    value: Json
    pointer: str
    anchor: str | None
    counted: int
    key: str | None = None


class _Builder:
    def __init__(self, name: str) -> None:
        self.value: Json = None
        self.lines: dict[str, int] = {}
        self._name = name
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Json, int]] = {}
        self._count = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._refuse(event, "a second document begins", "One file holds one workflow.")
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end()
            case _:
                return

    def _scalar(self, event: Any) -> None:
        self._check_tag(event)
        if self._wants_key:
            self._key(event)
            return
        quoted = event.style in ("'", '"', "|", ">") or event.tag == _TEXT
        value = event.value if quoted else plain(event.value)
        self._place(event, value, 1)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)

    def _key(self, event: Any) -> None:
        inside = self._open[-1]
        if event.value in inside.value:
            self._refuse(event, f"the key {event.value!r} stands twice", "Remove one of the two.")
        if event.value == "<<" and not event.style:
            self._refuse(event, "merge keys (<<) are not read", "Write out what it stands for.")
        inside.key = event.value

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors or self._wants_key:
            self._refuse(event, f"*{event.anchor} stands for nothing here", "Name it with & before, outside of itself.")
        self._place(event, *self._anchors[event.anchor])

    def _begin(self, event: Any, value: Json) -> None:
        self._check_tag(event)
        if self._wants_key:
            self._refuse(event, "a key must be a text", "Quote it.")
        if len(self._open) >= DEEPEST:
            self._refuse(event, "it is nested too deeply", f"{DEEPEST} levels are enough.")
        counted = self._count
        pointer = self._place(event, value, 1)
        self._open.append(_Open(value, pointer, event.anchor, counted))

    def _end(self) -> None:
        ended = self._open.pop()
        if ended.anchor:
            self._anchors[ended.anchor] = (ended.value, self._count - ended.counted)

    def _place(self, event: Any, value: Json, size: int) -> str:
        """Put the value where it belongs; return its pointer."""
        self._count += size
        if self._count > MOST_VALUES:
            self._refuse(event, f"it has more than {MOST_VALUES} values", "Split it, or repeat less.")
        if not self._open:
            pointer, self.value = "", value
        else:
            inside = self._open[-1]
            name = str(len(inside.value)) if isinstance(inside.value, list) else str(inside.key)
            pointer = f"{inside.pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if isinstance(inside.value, list):
                inside.value.append(value)
            else:
                inside.value[name], inside.key = value, None
        self.lines[pointer] = event.start_mark.line + 1
        return pointer

    @property
    def _wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _check_tag(self, event: Any) -> None:
        if event.tag not in _PLAIN_TAGS:
            self._refuse(event, f"the tag {event.tag} is not read", "A definition is plain data, as in JSON.")

    def _refuse(self, event: Any, what: str, hint: str) -> NoReturn:
        line = event.start_mark.line + 1
        raise Usage(f"{self._name}: line {line}: {what}", code="bad_yaml", hint=hint)
