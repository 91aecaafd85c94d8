"""What other programs are made from: the OpenAPI document, and the messages of `/ws/dashboard` as TypeScript."""

import dataclasses
import inspect
import json
import types
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from corral_hub.app import create_app
from corral_hub.db.database import Database
from corral_hub.settings import Settings
from corral_hub.tasks.state import legal_moves
from corral_protocol.viewers import FROM_VIEWER, TO_VIEWER
from corral_protocol.vocabulary import TaskStatus

HEAD = """// Made by docs/generate.py from protocol/corral_protocol/viewers.py; change that, then run `make docs`.
"""
MOVES = """// Made by docs/generate.py from hub/corral_hub/tasks/state.py; change that, then run `make docs`.

/* To which states a task can go from each: the hub's own table. */"""


def document() -> str:
    """Return the OpenAPI document of the hub; it need not run for it."""
    app = create_app(Settings(home=Path("nowhere")), Database("postgresql://nobody@127.0.0.1:1/none"))
    return json.dumps(app.openapi(), indent=1, sort_keys=True) + "\n"


def messages() -> str:
    """Return the TypeScript types of what viewers and the hub say to each other in text frames."""
    tables = {"ToViewer": TO_VIEWER, "FromViewer": FROM_VIEWER}
    met: dict[str, str] = {}
    unions = [_union(name, table) for name, table in tables.items()]
    for table in tables.values():
        for tag, cls in table.items():
            _declare(cls, met, tag)
    return "\n".join([HEAD, *(met[name] for name in sorted(met)), *unions])


def moves() -> str:
    """Return the hub's table of legal moves of a task as TypeScript: what the board lets people do."""
    rows = [f"  {status.value}: {json.dumps(legal_moves(status))}," for status in TaskStatus]
    words = " | ".join(f'"{status.value}"' for status in TaskStatus)
    head = [f"type Status = {words};\n", "export const LEADS: Readonly<Record<Status, readonly Status[]>> = {"]
    return "\n".join([MOVES, *head, *rows, "};\n"])


def _union(name: str, table: Any) -> str:
    return f"export type {name} =\n" + "\n".join(f"  | {cls.__name__}" for cls in table.values()) + ";\n"


def _declare(cls: type[Any], met: dict[str, str], tag: str | None = None) -> None:
    """Add the declaration of a dataclass, and of those its fields are made of."""
    if cls.__name__ in met:
        return
    met[cls.__name__] = ""
    hints = get_type_hints(cls)
    lines = [f'  readonly type: "{tag}";'] if tag else []
    for field in dataclasses.fields(cls):
        optional = "?" if field.default is not dataclasses.MISSING else ""
        lines.append(f"  readonly {field.name}{optional}: {_typed(hints[field.name], met)};")
    met[cls.__name__] = "\n".join([*_comment(cls), f"export interface {cls.__name__} {{", *lines, "}\n"])


def _comment(cls: type[Any]) -> Iterator[str]:
    text = cls.__dict__.get("__doc__") or ""
    if text and not text.startswith(f"{cls.__name__}("):
        yield f"/** {' '.join(inspect.cleandoc(text).split())} */"


def _typed(kind: Any, met: dict[str, str]) -> str:
    """Return a Python type as TypeScript has it."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return " | ".join("null" if part is type(None) else _typed(part, met) for part in inner)
    if origin in (tuple, list):
        return f"readonly ({_typed(inner[0], met)})[]"
    if origin is not None:
        return f"{{ readonly [key: string]: {_typed(inner[1], met)} }}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " | ".join(f'"{word.value}"' for word in kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        _declare(cast(type[Any], kind), met)
        return kind.__name__
    return _PLAIN.get(kind, "unknown")


_PLAIN: dict[Any, str] = {str: "string", int: "number", float: "number", bool: "boolean"}
