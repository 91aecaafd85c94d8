"""What the CLI prints: data on stdout in the format asked for, talk on stderr; texts of the hub are neutralised."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TextIO

from corral_cli.errors import CliError, Usage
from corral_cli.lazy import lazy
from corral_cli.text import clean, clean_block, to_json

if TYPE_CHECKING:
    import rich.box as rich_box
    import rich.console as rich_console
    import rich.table as rich_table
    import rich.text as rich_text
else:
    rich_box = lazy("rich.box")
    rich_console = lazy("rich.console")
    rich_table = lazy("rich.table")
    rich_text = lazy("rich.text")

Row = Mapping[str, Any]
_MANY = 5


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: `read` turns a row into text, `style` decides how a terminal shows it."""

    name: str
    read: Callable[[Row], str]
    style: Callable[[Row], str] = lambda _: ""
    wide: bool = False


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
                self._styled(f"{field.name:<{width}}  ", clean(value), field.style(item))
        for block in () if self.columns else blocks:
            if text := block.read(item):
                self._styled(f"\n{block.name}\n", clean_block(text).rstrip(), "")

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

    def lines(self, texts: Iterable[str]) -> None:
        for text in texts:
            sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def console(self) -> "rich_console.Console":
        """Return a rich console on stdout that obeys --no-color and never interprets markup."""
        plain = not self.colour or not sys.stdout.isatty()
        return rich_console.Console(file=sys.stdout, no_color=plain, markup=False, highlight=False, emoji=False)

    def _styled(self, label: str, value: str, style: str) -> None:
        if not sys.stdout.isatty():
            self.line(f"{label}{value}")
            return
        text = rich_text.Text(label, style="dim")
        text.append(value, style=style if style else "not dim")
        self.console().print(text, soft_wrap=True)

    def _table(self, rows: Sequence[Row], columns: Sequence[Column]) -> None:
        if not sys.stdout.isatty():
            self.lines(plain_table(rows, columns, headers=self.headers))
            return
        table = rich_table.Table(box=rich_box.SIMPLE_HEAD, show_header=self.headers, pad_edge=False, header_style="dim")
        for column in columns:
            table.add_column(column.name, overflow="fold" if column.wide else "ellipsis", no_wrap=not column.wide)
        for row in rows:
            table.add_row(*(rich_text.Text(clean(column.read(row)), style=column.style(row)) for column in columns))
        self.console().print(table)


def plain_table(rows: Sequence[Row], columns: Sequence[Column], *, headers: bool) -> list[str]:
    """Return aligned lines without truncation, for pipes and files."""
    cells = [[clean(column.read(row)) for column in columns] for row in rows]
    if headers:
        cells.insert(0, [column.name.upper() for column in columns])
    widths = [max(len(line[at]) for line in cells) for at in range(len(columns))]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]


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


def field(name: str, key: str = "", style: Callable[[Row], str] = lambda _: "", *, wide: bool = False) -> Column:
    """Return a column that shows `row[key]` as it is; objects and lists as JSON, nothing for null."""

    def read(row: Row) -> str:
        value = row.get(key or name)
        if value is None or value == [] or value == {}:
            return ""
        return to_json(value, None) if isinstance(value, (dict, list, bool)) else str(value)

    return Column(name, read, style, wide)


def talk(text: str) -> None:
    """Say something to the person, on stderr."""
    sys.stderr.write(clean_block(text).rstrip() + "\n")
    sys.stderr.flush()


def report(error: CliError, *, as_json: bool) -> None:
    """Print an error: what happened and why, then what to do next. As JSON it is data and goes to stdout, alone."""
    if as_json:
        sys.stdout.write(to_json(error.as_json()) + "\n")
        sys.stdout.flush()
        return
    stream: TextIO = sys.stderr
    stream.write(f"corral: {clean(error.message)} [{clean(error.code)}]\n")
    for line in _detail_lines(error.details):
        stream.write(f"  {line}\n")
    stream.write(f"  next: {clean(error.hint)}\n")
    stream.flush()


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
