"""Show a value in the run's log, and pass the input on."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from corral_daemon import clock
from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


class LogMode(StrEnum):
    ALL = "all"
    FIELD = "field"
    EXPRESSION = "expression"


class Format(StrEnum):
    JSON = "json"
    COMPACT = "json_compact"
    TEXT = "text"
    TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `console`."""

    label: str = ""
    logMode: LogMode = about(LogMode.ALL, description="show the whole input, one field of it, or a text")
    fieldPath: str = about("", description="a path with dots", shown_when={"logMode": ["field"]})
    expression: Json = about("", description="a text with templates", shown_when={"logMode": ["expression"]})
    format: Format = Format.JSON


@node("console", title="Console", category="utility")
async def console(parameters: Parameters, context: Context) -> Json:
    """Writes to the run's log; its output is its input, with what was shown beside it."""
    given = context.input()
    data = _chosen(parameters, given)
    shown = _shown(data, parameters.format)
    context.log(f"{parameters.label}: {shown}" if parameters.label else shown)
    passed = given if isinstance(given, dict) else {}
    about_it = {"label": parameters.label, "logged_at": clock.unix(), "format": parameters.format.value}
    return {**passed, **about_it, "data": data, "formatted": shown}


def _chosen(parameters: Parameters, given: Json) -> Json:
    if parameters.logMode is LogMode.EXPRESSION:
        return parameters.expression
    if parameters.logMode is LogMode.ALL:
        return given
    for part in parameters.fieldPath.split("."):
        given = given.get(part) if isinstance(given, dict) else None
    return given


def _shown(data: Any, way: Format) -> str:
    if way is Format.TEXT or (isinstance(data, str) and way is not Format.JSON):
        return str(data)
    if way is Format.COMPACT:
        return json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    if way is Format.TABLE and isinstance(data, list) and all(isinstance(row, dict) for row in data) and data:
        names = list(dict.fromkeys(name for row in data for name in row))
        rows = [names, *([str(row.get(name, "")) for name in names] for row in data)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(names))]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return data if isinstance(data, str) else json.dumps(data, indent=2, ensure_ascii=False)
