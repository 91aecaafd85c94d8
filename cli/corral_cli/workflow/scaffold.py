"""The file of a new node type: typed parameters, a docstring that people read, ready to be dropped in. Pure."""

import json
import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from corral_cli.errors import Usage

_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*")
_LONGEST = 60
_KINDS: Final[Mapping[str, tuple[str, type | tuple[type, ...]]]] = {
    "str": ("str", str),
    "int": ("int", int),
    "float": ("float", (int, float)),
    "bool": ("bool", bool),
    "json": ("Json", object),
}
"""Kind of a parameter → its annotation, and what a default must be."""
KINDS = ", ".join(_KINDS)


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kind: str = "str"
    default: str | None = None
    """As Python."""

    @property
    def line(self) -> str:
        given = f"{self.default}, " if self.default is not None else ""
        return f'    {self.name}: {_KINDS[self.kind][0]} = about({given}description="{self.name.replace("_", " ")}")'


def read_type(text: str) -> str:
    """Return the name of a node type. Raises Usage."""
    if not _TYPE.fullmatch(text) or len(text) > _LONGEST:
        hint = "Letters and digits, e.g. wordCount or acme.word-count."
        raise Usage(f"{text!r} is no name for a node type", code="bad_node_type", hint=hint)
    return text


def read_parameter(text: str) -> Parameter:
    """Read `name`, `name:kind` or `name:kind=default`. Raises Usage."""
    head, equals, default = text.partition("=")
    name, _, kind = head.partition(":")
    kind = kind or "str"
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name) or name.startswith("_"):
        raise Usage(f"{name!r} is no name for a parameter", hint="Write NAME:KIND=DEFAULT, e.g. times:int=2.")
    if kind not in _KINDS:
        raise Usage(f"{kind!r} is no kind of parameter", hint=f"Kinds: {KINDS}.")
    return Parameter(name, kind, _default(name, kind, default) if equals else None)


def module_name(type_: str) -> str:
    """Return the file's and the function's name: `wordCount` → `word_count`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type_)
    name = re.sub(r"[^a-z0-9]+", "_", spaced.lower())
    return f"{name}_" if keyword.iskeyword(name) or name in ("node", "about", "dataclass") else name


def title_of(type_: str) -> str:
    return module_name(type_).strip("_").replace("_", " ").capitalize()


def node_file(type_: str, title: str, category: str, parameters: Sequence[Parameter]) -> str:
    """Return the text of the file."""
    json_import = "from corral_protocol.codec import Json\n" if any(one.kind == "json" for one in parameters) else ""
    return _FILE.format(
        about=json.dumps(f"What it does, for whoever chooses it: {title}.", ensure_ascii=True)[1:-1],
        json_import=json_import,
        fields="\n".join(one.line for one in parameters),
        first=parameters[0].name,
        type=type_,
        title=json.dumps(title),
        category=json.dumps(category),
        function=module_name(type_),
    )


def _default(name: str, kind: str, text: str) -> str:
    """Return a default as Python. Raises Usage where it does not fit its kind."""
    value: Any = text
    if kind != "str":
        try:
            value = json.loads(text)
        except ValueError:
            value = text if kind == "json" else None
        fits = isinstance(value, _KINDS[kind][1]) and (kind in ("bool", "json") or not isinstance(value, bool))
        if not fits:
            raise Usage(f"{text!r} is no {kind}, as {name} should be", hint="e.g. times:int=2, loud:bool=false.")
    if isinstance(value, (list, dict)):
        return f"lambda: {value!r}"
    return json.dumps(value) if isinstance(value, str) else repr(value)


_FILE = '''"""{about}"""

from dataclasses import dataclass

from corral_daemon.nodes.node import Context, NodeFailed, node
{json_import}from corral_protocol.json_schema import about
from corral_protocol.vocabulary import ErrorClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a workflow gives it. Templates in the values are replaced before the node sees them."""

{fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What it puts out: nodes after it refer to these fields in their templates."""

    result: str


@node("{type}", title={title}, category={category})
async def {function}(parameters: Parameters, context: Context) -> Result:
    """{about}"""
    if parameters.{first} is None:
        raise NodeFailed(ErrorClass.BAD_INPUT, "say what is wrong, and what would be right")
    context.log(f"attempt {{context.attempt}}: {first} is {{parameters.{first}!r}}")
    return Result(result=str(parameters.{first}))
'''
