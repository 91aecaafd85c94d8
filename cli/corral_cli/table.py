"""Tables for a terminal and for a pipe: one row a line, columns that hold, nothing wider than the window. Pure."""

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from corral_cli.lazy import lazy
from corral_cli.text import clean, painted

if TYPE_CHECKING:
    import rich.cells as rich_cells
else:
    rich_cells = lazy("rich.cells")

Row = Mapping[str, Any]

_GAP = 2
_ROOMY, _LEAST = 30, 8
"""Columns that a flexible column should have, or less important ones are left out; columns it gets in any case."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: `read` turns a row into text, `style` decides how a terminal shows it.

    In a window that is too narrow a `cut` column loses its end and a `wide` one is folded; columns with a `spare` are
    left out before that, the highest first.
    """

    name: str
    read: Callable[[Row], str]
    style: Callable[[Row], str] = lambda _: ""
    wide: bool = False
    cut: bool = False
    spare: int = 0

    @property
    def flexible(self) -> bool:
        return self.wide or self.cut


def plain_table(rows: Sequence[Row], columns: Sequence[Column], *, headers: bool) -> list[str]:
    """Return aligned lines without truncation, for pipes and files."""
    cells = [[clean(column.read(row)) for column in columns] for row in rows]
    if headers:
        cells.insert(0, [column.name.upper() for column in columns])
    widths = _natural(cells)
    return [_joined(line, widths, [""] * len(line)) for line in cells]


def fitted_table(rows: Sequence[Row], columns: Sequence[Column], width: int, *, headers: bool) -> list[str]:
    """Return lines for a terminal of this width; columns in which nothing stands are left out. There is a row."""
    read = [[clean(column.read(row)) for column in columns] for row in rows]
    kept = [at for at in range(len(columns)) if any(line[at] for line in read)] or [0]
    titled = [*read, [column.name.upper() for column in columns]] if headers else read
    natural = _natural(titled)
    kept = _important(kept, natural, columns, width)
    columns, natural = [columns[at] for at in kept], [natural[at] for at in kept]
    widths = _shared(natural, columns, width)
    lines = [_joined([titled[-1][at] for at in kept], widths, ["dim"] * len(kept))] if headers else []
    for row, line in zip(rows, read, strict=True):
        styles = [column.style(row) for column in columns]
        parts = [_in_room(line[at], size, column) for at, size, column in zip(kept, widths, columns, strict=True)]
        lines.extend(_joined(cells, widths, styles) for cells in zip_longest(*parts, fillvalue=""))
    return lines


def cells_of(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    return len(text) if text.isascii() else rich_cells.cell_len(text)


def cut(text: str, width: int) -> str:
    """Return the text, or its beginning and an ellipsis."""
    return text if cells_of(text) <= width else f"{_first(text, width - 1).rstrip()}…"


def folded(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width` columns; at least one line."""
    return (textwrap.wrap(text, width) if text.isascii() else list(_slices(text, width))) or [""]


def _natural(cells: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(cells_of, column)) for column in zip(*cells, strict=True)]


def _important(kept: list[int], natural: Sequence[int], columns: Sequence[Column], width: int) -> list[int]:
    """Return the columns that have room: the most dispensable go until the flexible ones are roomy."""

    def needed(at: int) -> int:
        return (min(natural[at], _ROOMY) if columns[at].flexible else natural[at]) + _GAP

    while sum(map(needed, kept)) - _GAP > width and (spare := [at for at in kept if columns[at].spare]):
        kept = [at for at in kept if at != max(spare, key=lambda at: columns[at].spare)]
    return kept


def _shared(natural: Sequence[int], columns: Sequence[Column], width: int) -> list[int]:
    """Return the widths: what is left by the others is shared among the flexible ones, the shortest served first."""
    left = width - _GAP * (len(columns) - 1)
    left -= sum(size for size, column in zip(natural, columns, strict=True) if not column.flexible)
    widths = list(natural)
    flexible = sorted((at for at in range(len(columns)) if columns[at].flexible), key=lambda at: natural[at])
    for done, at in enumerate(flexible):
        widths[at] = min(natural[at], max(_LEAST, left // (len(flexible) - done)))
        left -= widths[at]
    return widths


def _in_room(text: str, width: int, column: Column) -> list[str]:
    if not column.wide:
        return [cut(text, width) if column.cut else text]
    return folded(text, width)


def _slices(text: str, width: int) -> Iterator[str]:
    """Yield lines of at most `width` columns, broken at a blank where there is one."""
    while cells_of(text) > width:
        line = _first(text, width) or text[:1]
        head, blank, _ = line.rpartition(" ")
        line = head if blank and head.strip() and not text[len(line) :].startswith(" ") else line
        yield line.rstrip()
        text = text[len(line) :].lstrip()
    if text:
        yield text


def _first(text: str, width: int) -> str:
    """Return as much of the beginning as fits into `width` columns."""
    end = min(len(text), width)
    while end and cells_of(text[:end]) > width:
        end -= 1
    return text[:end]


def _joined(cells: Sequence[str], widths: Sequence[int], styles: Sequence[str]) -> str:
    padded = [(cell, " " * (width - cells_of(cell))) for cell, width in zip(cells, widths, strict=True)]
    last = max((at for at, (cell, _) in enumerate(padded) if cell), default=-1)
    shown = zip(padded[: last + 1], styles, strict=False)
    return (" " * _GAP).join(painted(cell, style) + blank for (cell, blank), style in shown).rstrip()
