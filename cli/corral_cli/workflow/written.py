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
    found = {
        name: [_sorted(item, parts[name]) for item in value] if name in parts and isinstance(value, list) else value
        for name, value in definition.items()
    }
    return _sorted(found, _HEAD, deep=False) | {name: found[name] for name in ("nodes", "edges") if name in found}


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


def _sorted(value: Json, first: Sequence[str] = (), *, deep: bool = True) -> Json:
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    place = {name: at for at, name in enumerate(first)}
    names = sorted(value, key=lambda name: (place.get(name, len(place)), name))
    return {name: _inside(name, value[name]) if deep else value[name] for name in names}


def _inside(name: str, value: Json) -> Json:
    return _condition(value) if name == "condition" else _sorted(value)


def _condition(value: Json) -> Json:
    """Return a condition whose parts stand as one says it: field, operator, value."""
    if isinstance(value, list):
        return [_condition(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    names = sorted(value, key=lambda name: (_CONDITION.index(name) if name in _CONDITION else len(_CONDITION), name))
    return {name: _condition(value[name]) if name in ("all", "any") else _sorted(value[name]) for name in names}
