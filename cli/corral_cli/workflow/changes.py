"""What is different between two definitions: node by node, edge by edge, value by value. Pure."""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from corral_cli.text import clean, to_json

Json = Any
Definition = Mapping[str, Json]

_WIDEST = 100
_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Field:
    """A value that differs, at `path` within its node or edge. None stands for "not there" where `there` says so."""

    path: str
    before: Json
    after: Json
    was_there: bool = True
    is_there: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """`how`: added, removed or changed; `kind`: workflow, node or edge; `name` is what people call it."""

    how: str
    kind: str
    name: str
    about: str = ""
    fields: tuple[Field, ...] = ()

    def as_json(self) -> dict[str, Json]:
        fields = [{"path": one.path, "before": one.before, "after": one.after} for one in self.fields]
        return {"change": self.how, "kind": self.kind, "name": self.name, "about": self.about, "fields": fields}


def compare(before: Definition, after: Definition) -> list[Change]:
    """Return the changes that lead from one to the other; none if they say the same."""
    head = tuple(_differences(_head(before), _head(after), ""))
    changes = [Change("changed", "workflow", "workflow", fields=head)] if head else []
    changes += _compare("node", _nodes(before), _nodes(after))
    changes += _compare("edge", _edges(before), _edges(after))
    return changes


def lines(changes: list[Change]) -> Iterator[tuple[str, str]]:
    """Yield (text, style) for a reader, a line each."""
    for change in changes:
        sign, style = _SIGNS[change.how]
        about = f"  {change.about}" if change.about else ""
        yield clean(f"{sign} {change.kind} {change.name}{about}".replace("workflow workflow", "workflow")), style
        for field in change.fields:
            yield from _field_lines(field)


_SIGNS: Mapping[str, tuple[str, str]] = {
    "added": ("+", "bold green"),
    "removed": ("-", "bold red"),
    "changed": ("~", "bold yellow"),
}


def _compare(kind: str, before: Mapping[str, Definition], after: Mapping[str, Definition]) -> Iterator[Change]:
    for name in before:
        if name not in after:
            yield Change("removed", kind, name, _about(kind, before[name]))
    for name, item in after.items():
        if name not in before:
            fields = tuple(_differences({}, _rest(kind, item), ""))
            yield Change("added", kind, name, _about(kind, item), fields)
        elif fields := tuple(_differences(before[name], item, "")):
            yield Change("changed", kind, name, _about(kind, item), fields)


def _about(kind: str, item: Definition) -> str:
    label = item.get("label")
    return f"({item.get('type')}{f': {label}' if label else ''})" if kind == "node" else ""


def _rest(kind: str, item: Definition) -> Definition:
    """Return what its line does not say already."""
    said = {"node": ("id", "type", "label"), "edge": ("source", "target", "source_handle", "target_handle")}[kind]
    return {name: value for name, value in item.items() if name not in said}


def _head(definition: Definition) -> Definition:
    return {name: value for name, value in definition.items() if name not in ("nodes", "edges")}


def _nodes(definition: Definition) -> dict[str, Definition]:
    return {str(node.get("id")): node for node in definition.get("nodes") or ()}


def _edges(definition: Definition) -> dict[str, Definition]:
    """Return the edges by what they connect; several that connect the same are numbered."""
    seen: Counter[str] = Counter()
    found: dict[str, Definition] = {}
    for edge in definition.get("edges") or ():
        name = f"{_end(edge, 'source')} → {_end(edge, 'target')}"
        seen[name] += 1
        found[name if seen[name] == 1 else f"{name} #{seen[name]}"] = edge
    return found


def _end(edge: Definition, side: str) -> str:
    handle = edge.get(f"{side}_handle", "main")
    return f"{edge.get(side)}" + ("" if handle == "main" else f":{handle}")


def _differences(before: Json, after: Json, path: str) -> Iterator[Field]:
    """Yield what differs, as deep inside as it can be said; what an object has is new if the object is."""
    if before is _NOTHING and isinstance(after, Mapping) and after:
        before = {}
    elif after is _NOTHING and isinstance(before, Mapping) and before:
        after = {}
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            inner = f"{path}.{name}" if path else str(name)
            yield from _differences(before.get(name, _NOTHING), after.get(name, _NOTHING), inner)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _differences(old, new, f"{path}[{index}]")
    elif not _same(before, after):
        was, now = before is not _NOTHING, after is not _NOTHING
        yield Field(path, before if was else None, after if now else None, was, now)


def _same(before: Json, after: Json) -> bool:
    """True is not 1 here."""
    return before is after or (type(before) is type(after) and bool(before == after)) or _same_number(before, after)


def _same_number(before: Json, after: Json) -> bool:
    return {type(before), type(after)} == {int, float} and before == after


def _field_lines(field: Field) -> Iterator[tuple[str, str]]:
    path = clean(field.path)
    if isinstance(field.before, str) and isinstance(field.after, str) and "\n" in field.before + field.after:
        yield f"    {path}:", ""
        compared = difflib.unified_diff(field.before.splitlines(), field.after.splitlines(), n=1, lineterm="")
        for line in list(compared)[2:]:
            yield clean(f"      {line}"), {"+": "green", "-": "red", "@": "dim"}.get(line[:1], "")
    elif not field.was_there:
        yield f"    + {path}: {_shown(field.after)}", "green"
    elif not field.is_there:
        yield f"    - {path}: {_shown(field.before)}", "red"
    else:
        yield f"    ~ {path}: {_shown(field.before)} → {_shown(field.after)}", "yellow"


def _shown(value: Json) -> str:
    text = clean(to_json(value, None))
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
