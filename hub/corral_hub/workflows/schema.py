"""The JSON Schema of a definition, made from the classes that read it: for editors, checkers and agents. Pure."""

from functools import cache
from typing import Any, Final

from corral_hub.workflows.condition import OPERATORS, UNARY, Group, Question
from corral_hub.workflows.model import Cache, Definition, Each, Edge, Node, Position
from corral_protocol.json_schema import schema_of
from corral_protocol.run import Requirements, Retry

Json = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_PARTS: Final = {
    "node": Node,
    "edge": Edge,
    "each": Each,
    "cache": Cache,
    "position": Position,
    "requirements": Requirements,
    "retry": Retry,
}
_NAMED: Final = {
    **{cls: f"#/$defs/{name}" for name, cls in _PARTS.items()},
    Question: "#/$defs/question",
    Group: "#/$defs/group",
}
_CONDITION: Final = {"anyOf": [{"$ref": "#/$defs/question"}, {"$ref": "#/$defs/group"}]}


@cache
def definition_schema() -> Json:
    """Return the schema. What the classes do not say, such as which node types there are, only validation knows."""
    parts = {name: _closed(schema_of(cls, _NAMED), cls) for name, cls in _PARTS.items()}
    written = _closed(schema_of(Definition, _NAMED), Definition)
    written["properties"]["$schema"] = {"type": "string"}  # how a file names this schema to an editor
    return {
        "$schema": DIALECT,
        "title": "Corral workflow",
        **written,
        "$defs": {**parts, "question": _question(), "group": _group()},
    }


def _closed(written: Json, cls: type) -> Json:
    """Whoever mistypes a name is told by the editor, not by what does not happen."""
    return {**written, "description": " ".join((cls.__doc__ or "").split()), "additionalProperties": False}


def _question() -> Json:
    """`value` may be left out where the operator asks for none."""
    properties: Json = {
        "field": {"type": "string", "default": "", "description": "path with dots into the source's output"},
        "operator": {"type": "string", "enum": list(OPERATORS), "default": "eq"},
        "value": {"description": f"needed by every operator but {', '.join(sorted(UNARY))}"},
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _group() -> Json:
    def of(word: str) -> Json:
        members = {"type": "array", "items": _CONDITION, "minItems": 1}
        return {"type": "object", "properties": {word: members}, "required": [word], "additionalProperties": False}

    return {"anyOf": [of("all"), of("any")]}
