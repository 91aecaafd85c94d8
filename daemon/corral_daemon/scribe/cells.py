"""One buffer of a terminal: rows of cells, a cursor, a region that scrolls. Pure.

A cell is a text, one character and what combines with it, and a style. A wide character is followed by a cell with an
empty text. A cursor behind the last column has written there and will wrap with the next character.
"""

from functools import lru_cache
from typing import NamedTuple

from wcwidth import wcwidth

from corral_daemon.scribe.style import PLAIN, Style

BLANK = " "
COMBINED = 8
"""Characters in one cell: what more is piled up on it is dropped."""

width = lru_cache(1 << 14)(wcwidth)


class Row:
    """`wide`: there may be wide characters in it."""

    __slots__ = ("styles", "texts", "wide")

    def __init__(self, cols: int, style: Style) -> None:
        self.texts = [BLANK] * cols
        self.styles = [style] * cols
        self.wide = False

    def write(self, x: int, text: str, style: Style) -> None:
        """Put narrow characters into the cells from `x` on; they must fit."""
        end = x + len(text)
        self.texts[x:end] = text
        self.styles[x:end] = [style] * len(text)
        if self.wide:
            self.mend(style)

    def place(self, x: int, text: str, styles: tuple[Style, ...]) -> None:
        """Put narrow characters of several styles into cells that hold no wide ones; they must fit."""
        end = x + len(text)
        self.texts[x:end] = text
        self.styles[x:end] = styles

    def write_wide(self, x: int, text: str, style: Style) -> None:
        self.texts[x : x + 2] = [text, ""]
        self.styles[x : x + 2] = [style, style]
        self.wide = True
        self.mend(style)

    def combine(self, x: int, text: str) -> None:
        """Add a character without a width of its own to the one before `x`."""
        place = x - 2 if self.texts[x - 1] == "" else x - 1
        if len(self.texts[place]) < COMBINED:
            self.texts[place] += text

    def erase(self, start: int, end: int, style: Style) -> None:
        self.write(start, BLANK * (end - start), style)

    def insert(self, x: int, count: int, style: Style) -> None:
        cols = len(self.texts)
        self.texts[x:] = ([BLANK] * min(count, cols - x) + self.texts[x:])[: cols - x]
        self.styles[x:] = ([style] * min(count, cols - x) + self.styles[x:])[: cols - x]
        if self.wide:
            self.mend(style)

    def delete(self, x: int, count: int, style: Style) -> None:
        count = min(count, len(self.texts) - x)
        self.texts[x:] = self.texts[x + count :] + [BLANK] * count
        self.styles[x:] = self.styles[x + count :] + [style] * count
        if self.wide:
            self.mend(style)

    def resize(self, cols: int) -> None:
        missing = max(0, cols - len(self.texts))
        self.texts = self.texts[:cols] + [BLANK] * missing
        self.styles = self.styles[:cols] + [PLAIN] * missing
        if self.wide:
            self.mend(PLAIN)

    def mend(self, style: Style) -> None:
        """Half of a wide character is none: blank what lost its other half."""
        whole = False
        texts = self.texts
        for x, text in enumerate(texts):
            begins = text != "" and not text.isascii() and width(text[0]) == 2
            if (text == "" and not whole) or (begins and texts[x + 1 : x + 2] != [""]):
                texts[x], self.styles[x] = BLANK, style
                begins = False
            whole = begins


class Saved(NamedTuple):
    """What DECSC keeps."""

    x: int = 0
    y: int = 0
    style: Style = PLAIN
    charsets: tuple[bool, bool] = (False, False)
    shifted: bool = False


class Buffer:
    """`keys`: the modes of the kitty keyboard protocol that programs of this buffer have asked for, latest last."""

    def __init__(self, cols: int, rows: int) -> None:
        self.cols = cols
        self.rows = [Row(cols, PLAIN) for _ in range(rows)]
        self.x = 0
        self.y = 0
        self.top = 0
        self.bottom = rows - 1
        self.saved = Saved()
        self.keys: list[int] = [0]

    @property
    def column(self) -> int:
        """Where the cursor is shown."""
        return min(self.x, self.cols - 1)

    @property
    def bounded(self) -> bool:
        """Whether less than the whole screen scrolls."""
        return self.top > 0 or self.bottom < len(self.rows) - 1

    def line_feed(self, style: Style) -> None:
        if self.y == self.bottom:
            self.scroll_up(1, style)
        elif self.y < len(self.rows) - 1:
            self.y += 1
        self.x = self.column

    def reverse_feed(self, style: Style) -> None:
        if self.y == self.top:
            self.scroll_down(1, style)
        elif self.y > 0:
            self.y -= 1
        self.x = self.column

    def scroll_up(self, count: int, style: Style, top: int | None = None) -> None:
        """Move the region, or its part from `top` on, up; what is at its top is gone."""
        top = self.top if top is None else top
        count = min(count, self.bottom - top + 1)
        del self.rows[top : top + count]
        self.rows[self.bottom + 1 - count : self.bottom + 1 - count] = [Row(self.cols, style) for _ in range(count)]

    def scroll_down(self, count: int, style: Style, top: int | None = None) -> None:
        top = self.top if top is None else top
        count = min(count, self.bottom - top + 1)
        del self.rows[self.bottom + 1 - count : self.bottom + 1]
        self.rows[top:top] = [Row(self.cols, style) for _ in range(count)]

    def erase_rows(self, start: int, end: int, style: Style) -> None:
        self.rows[start:end] = [Row(self.cols, style) for _ in range(start, end)]

    def resize(self, cols: int, rows: int) -> None:
        """Lines are cut or filled up, not wrapped anew: programs draw anew when told of the size."""
        below = len(self.rows) - 1 - self.y
        surplus = max(0, len(self.rows) - rows)
        from_below = min(surplus, below)
        self.rows = self.rows[surplus - from_below : len(self.rows) - from_below]
        self.y -= surplus - from_below
        for row in self.rows:
            row.resize(cols)
        self.rows += [Row(cols, PLAIN) for _ in range(rows - len(self.rows))]
        self.cols = cols
        self.x = self.column
        self.top, self.bottom = 0, rows - 1
        self.saved = self.saved._replace(x=min(self.saved.x, cols - 1), y=min(self.saved.y, rows - 1))
