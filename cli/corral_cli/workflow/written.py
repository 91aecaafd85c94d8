"""A definition as a file: the same bytes for the same definition, and it reads back as it was. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from corral_cli.text import escaped, to_json
from corral_cli.workflow.document import plain

Json = Any

_HEAD: Final = (
    "name", "description", "dialect", "inputs", "variables", "concurrency", "on_failure", "nodes", "edges",
)  # fmt: skip
_NODE: Final = (
    "id", "type", "label", "disabled", "parameters", "requires", "each", "join", "retry", "timeout", "on_error",
    "cache", "position",
)  # fmt: skip
_EDGE: Final = ("source", "source_handle", "target", "target_handle", "condition", "otherwise", "part")
_CONDITION: Final = ("field", "operator", "value", "all", "any")


def ordered(definition: Mapping[str, Json]) -> dict[str, Json]:
    """Return the definition with its keys in the order of a reader's questions; nodes and edges stay in theirs.

    The hub forgets the order of keys, and the order of nodes and edges means something.
    """
    parts = {"nodes": _NODE, "edges": _EDGE}
    return {
        name: _each(definition[name], parts[name]) if name in parts else _sorted(definition[name])
        for name in _names(definition, _HEAD)
    }


def as_json(definition: Mapping[str, Json]) -> str:
    return to_json(ordered(definition)) + "\n"


def as_yaml(definition: Mapping[str, Json]) -> str:
    """Return YAML; every text in it is read back as a text."""
    written = yaml.dump(
        ordered(definition), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )
    return escaped(written)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out: an alias says nothing to a reader."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists too, as most editors do."""
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    style = None
    if escaped(value) != value:
        style = '"'  # where an escape can stand
    elif "\n" in value and not any(line.endswith(" ") for line in value.split("\n")):
        style = "|"
    elif plain(value) != value:
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _each(items: Json, first: Sequence[str]) -> Json:
    return [_sorted(item, first) for item in items] if isinstance(items, list) else _sorted(items)


def _sorted(value: Json, first: Sequence[str] = ()) -> Json:
    """Return the value with the keys of all objects in it sorted; `first` come first in this one."""
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: _condition(value[name]) if name == "condition" and first is _EDGE else _sorted(value[name])
        for name in _names(value, first)
    }


def _condition(value: Json) -> Json:
    """Return a condition whose parts stand as one says it: field, operator, value."""
    if not isinstance(value, Mapping):
        return _sorted(value)
    return {
        name: [_condition(member) for member in inner]
        if name in ("all", "any") and isinstance(inner := value[name], list)
        else _sorted(value[name])
        for name in _names(value, _CONDITION)
    }


def _names(value: Mapping[str, Json], first: Sequence[str]) -> list[str]:
    return sorted(value, key=lambda name: (first.index(name) if name in first else len(first), name))
