"""node list, show."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from corral_cli.context import invocation
from corral_cli.errors import NotFound
from corral_cli.lookup import node_types
from corral_cli.output import field
from corral_cli.table import Column, Row, plain_table
from corral_cli.text import to_json
from corral_cli.views import listed

_LIST = (
    field("type"),
    field("title", spare=2),
    field("category", spare=1),
    field("trigger"),
    Column("description", lambda row: str(row.get("description") or "").partition("\n")[0], cut=True),
)


def list_types(
    context: typer.Context,
    category: Annotated[str | None, typer.Option(help="Only of this category.")] = None,
) -> None:
    """List the node types that connected machines offer. A machine's owner adds one by dropping a file in.

    Examples:
      corral node list
      corral node list --category data --columns type,description
    """
    cli = invocation(context)
    found = [
        {"id": kind.get("type"), **kind}
        for kind in cli.client.get("/node-types")["node_types"]
        if category in (None, kind.get("category"))
    ]
    empty = "No node types: no machine with them is connected. `corral server list` shows the machines."
    cli.output.rows(found, _LIST, envelope={"node_types": found}, empty=empty)


def show(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="TYPE", help="Its name or another name for it.", autocompletion=node_types)
    ],
) -> None:
    """Show a node type: what it does, its parameters and result, where its edges begin, what a machine needs for it.

    Examples:
      corral node show shell
      corral node show shell --json | jq .parameters
    """
    cli = invocation(context)
    kinds = cli.client.get("/node-types")["node_types"]
    found = next((kind for kind in kinds if name in (kind.get("type"), *(kind.get("aliases") or ()))), None)
    if found is None:
        raise NotFound(
            f"no machine has nodes of type {name!r}",
            code="unknown_type",
            hint="`corral node list` shows what there is; `corral node new TYPE` writes a new one.",
        )
    cli.output.item({"id": found["type"], **found}, _FIELDS, _BLOCKS)


def _parameters(row: Row) -> str:
    schema: Any = row.get("parameters") or {}
    required = schema.get("required") or ()
    return _table(schema.get("properties") or {}, required)


def _table(properties: Mapping[str, Mapping[str, Any]], required: Sequence[str]) -> str:
    """Return a line for each, what is required first; of an object for each of its fields."""
    found = sorted(_fields(properties, required), key=lambda field: (not field[2], field[0]))
    rows = [{"name": name, "about": about(schema, must)} for name, schema, must in found]
    return "\n".join(plain_table(rows, (field("name"), field("about")), headers=False)) if rows else ""


def _fields(
    properties: Mapping[str, Mapping[str, Any]], required: Sequence[str], prefix: str = ""
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Yield (name with dots, schema, whether it must be given)."""
    for name, schema in properties.items():
        if inner := schema.get("properties"):
            yield from _fields(inner, schema.get("required") or () if name in required else (), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", schema, name in required


def _needs(row: Row) -> str:
    """Programs, or words that the daemon knows; `$ONE|OTHER` is a variable of its environment."""
    needs = [str(need) for need in row.get("needs") or ()]
    return ", ".join(need[1:].replace("|", " or ") if need.startswith("$") else need for need in needs)


def about(schema: Mapping[str, Any], required: bool) -> str:
    """Return `string, required: a line for /bin/sh`."""
    words = [_kind(schema)]
    if required:
        words.append("required")
    if schema.get("default") not in (None, "", [], {}):
        words.append(f"default {to_json(schema['default'], None)}")
    for limit, word in (("minimum", "at least"), ("maximum", "at most")):
        if limit in schema:
            words.append(f"{word} {schema[limit]}")
    said = schema.get("description")
    return ", ".join(words) + (f": {said}" if said else "")


def _kind(schema: Mapping[str, Any]) -> str:
    if choices := schema.get("enum"):
        return "|".join(str(choice) for choice in choices)
    if parts := schema.get("anyOf"):
        return " or ".join(_kind(part) for part in parts)
    return str(schema.get("type") or "any value")


def _result(row: Row) -> str:
    schema: Any = row.get("result") or {}
    return _table(schema.get("properties") or {}, ())


def _example(row: Row) -> str:
    schema: Any = row.get("parameters") or {}
    lines = ["- id: a", f"  type: {row.get('type')}"]
    names = list(schema.get("required") or ())
    lines += ["  parameters:", *(f"    {name}: …" for name in names)] if names else []
    return "\n".join(lines)


_FIELDS = (
    field("type"),
    field("title"),
    field("category"),
    field("description"),
    listed("also called", "aliases"),
    field("begins runs by", "trigger"),
    listed("edges begin at", "handles"),
    Column("needs", _needs),
)
_BLOCKS = (Column("Parameters", _parameters), Column("Result", _result), Column("In a workflow", _example))
