"""What the CLI prints: data on stdout in the format asked for, talk on stderr; texts of the hub are neutralised."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from corral_cli.errors import CliError, Usage
from corral_cli.lazy import lazy
from corral_cli.outline import is_empty
from corral_cli.table import Column, Row, fitted_table, folded, plain_table
from corral_cli.text import clean, clean_block, painted, to_json, unpainted

if TYPE_CHECKING:
    import rich.console as rich_console
else:
    rich_console = lazy("rich.console")

_MANY = 5


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How this invocation prints. `columns` empty: the command's own choice."""

    format: Format = Format.TABLE
    quiet: bool = False
    columns: tuple[str, ...] = ()
    headers: bool = True
    colour: bool = True

    @property
    def machine(self) -> bool:
        return self.format is not Format.TABLE

    def rows(self, rows: Sequence[Row], columns: Sequence[Column], *, envelope: Row, empty: str = "") -> None:
        """Print a list. `envelope` is what --json prints whole; `empty` tells a person what to do about no rows."""
        if self.quiet:
            self.lines(clean(row.get("id", "")) for row in rows)
        elif self.format is Format.JSON:
            self.json(envelope)
        elif self.format is Format.NDJSON:
            self.lines(to_json(row, None) for row in rows)
        elif rows:
            self._table(rows, choose(columns, self.columns))
        elif empty:
            talk(empty)

    def item(self, item: Row, fields: Sequence[Column], blocks: Sequence[Column] = ()) -> None:
        """Print one object: `fields` as name and value, `blocks` as longer texts below."""
        if self.quiet:
            self.lines([clean(item.get("id", ""))])
            return
        if self.machine:
            self.json(item, None if self.format is Format.NDJSON else 2)
            return
        shown = [(field, field.read(item)) for field in choose(fields, self.columns)]
        width = max((len(field.name) for field, _ in shown), default=0)
        for field, value in shown:
            if value:
                label = self.painted(f"{field.name:<{width}}", "dim")
                self.line(f"{label}  {self.painted(clean(value), field.style(item))}")
        for block in () if self.columns else blocks:
            if text := block.read(item):
                self.line(f"\n{self.painted(block.name, 'dim')}\n{clean_block(text).rstrip()}")

    def result(self, item: Row, sentence: str) -> None:
        """Print what a changing command did: the object for machines, its id with -q, a sentence for people."""
        if self.quiet or self.machine:
            self.item(item, ())
        else:
            self.line(clean(sentence))

    def json(self, value: Any, indent: int | None = 2) -> None:
        self.line(to_json(value, indent))

    def event(self, event: Row, sentence: str) -> None:
        """Print one event of a stream: a JSON line, or a sentence."""
        self.line(to_json(event, None) if self.machine else clean(sentence))

    def line(self, text: str) -> None:
        self.lines([text])

    def hanging(self, label: str, text: str, *, indent: int) -> None:
        """Print a text behind its label; on a terminal what has no room goes on below its beginning."""
        room = max(20, shutil.get_terminal_size().columns - indent)
        first, *others = folded(clean(text), room) if sys.stdout.isatty() else [clean(text)]
        self.lines([label + first, *(" " * indent + other for other in others)])

    def lines(self, texts: Iterable[str]) -> None:
        for text in texts:
            sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def console(self) -> "rich_console.Console":
        """Return a rich console on stdout that obeys --no-color and never interprets markup."""
        colours = "auto" if self.painting else None
        return rich_console.Console(file=sys.stdout, color_system=colours, markup=False, highlight=False, emoji=False)

    @property
    def painting(self) -> bool:
        return self.colour and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"

    def painted(self, text: str, style: str) -> str:
        """Return a clean text in a style, where styles can be seen."""
        return painted(text, style) if self.painting else text

    def _table(self, rows: Sequence[Row], columns: Sequence[Column]) -> None:
        if not sys.stdout.isatty():
            self.lines(plain_table(rows, columns, headers=self.headers))
            return
        lines = fitted_table(rows, columns, shutil.get_terminal_size().columns, headers=self.headers)
        self.lines(lines if self.painting else map(unpainted, lines))


def choose(columns: Sequence[Column], names: Sequence[str]) -> Sequence[Column]:
    """Return the columns asked for, in that order; a name no column has is read from the object. Raises Usage."""
    if not names:
        return columns
    known = {column.name: column for column in columns}
    for name in names:
        if name not in known and not name.replace("_", "").replace("-", "").isalnum():
            raise Usage(
                f"{name!r} is not the name of a column", hint="Write names separated by commas: --columns id,status"
            )
    return [known.get(name) or field(name) for name in names]


def field(
    name: str,
    key: str = "",
    style: Callable[[Row], str] = lambda _: "",
    *,
    wide: bool = False,
    cut: bool = False,
    spare: int = 0,
) -> Column:
    """Return a column that shows `row[key]` as it is; objects and lists as JSON, nothing for null."""

    def read(row: Row) -> str:
        value = row.get(key or name)
        if is_empty(value):
            return ""
        return to_json(value, None) if isinstance(value, (dict, list, bool)) else str(value)

    return Column(name, read, style, wide, cut, spare)


def talk(text: str) -> None:
    """Say something to the person, on stderr."""
    sys.stderr.write(clean_block(text).rstrip() + "\n")
    sys.stderr.flush()


def report(error: CliError, *, as_json: bool, colour: bool = True) -> None:
    """Print an error: what happened and why, then what to do next. As JSON it is data and goes to stdout, alone."""
    if as_json:
        sys.stdout.write(to_json(error.as_json()) + "\n")
        sys.stdout.flush()
        return
    lines = _hung("corral: ", f"{clean(error.message)} [{clean(error.code)}]", "bold red" if colour else "")
    for line in _detail_lines(error.details):
        lines += _hung("  ", line, "")
    lines += _hung("  next: ", clean(error.hint), "bold" if colour else "")
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()


def _hung(label: str, text: str, style: str) -> list[str]:
    """Return a text behind its label; on a terminal it is folded, and what follows stands below its beginning."""
    if not sys.stderr.isatty():
        return [label + text]
    first, *others = folded(text, max(20, shutil.get_terminal_size().columns - len(label)))
    return [painted(label, style) + first, *(" " * len(label) + other for other in others)]


def _detail_lines(details: Mapping[str, Any]) -> list[str]:
    """Return what a person can act on: the lists. Single values repeat the message; --json has them all."""
    lines: list[str] = []
    for name, value in details.items():
        label = name.replace("_", " ")
        if not isinstance(value, list):
            continue
        if any(isinstance(entry, dict) for entry in value):
            lines.append(f"{label}:")
            lines.extend(f"  - {_entry(entry)}" for entry in value[:_MANY])
            lines.extend([f"  … and {len(value) - _MANY} more"] if len(value) > _MANY else [])
        else:
            lines.append(f"{label}: {', '.join(clean(entry) for entry in value)}")
    return lines


def _entry(entry: Any) -> str:
    if not isinstance(entry, dict):
        return clean(entry)
    return "  ".join(clean(value if isinstance(value, str) else to_json(value, None)) for value in entry.values())
