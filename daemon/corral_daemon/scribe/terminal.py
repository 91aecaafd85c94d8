"""The state of a terminal, and what printing a text does to it. Pure."""

import re

from corral_daemon.scribe.cells import COMBINED, Buffer, Saved, width
from corral_daemon.scribe.runs import NARROW, known, parts
from corral_daemon.scribe.style import PLAIN, Style, erasing, restyled

MAX_COLS, MAX_ROWS = 500, 300
"""A larger window is treated as one of this size: a screen must not cost more than it is worth."""
WRAP, SHOWN, ORIGIN, INSERT, NEW_LINE, PASTES = "?7", "?25", "?6", "4", "20", "?2004"
AT_FIRST = frozenset({WRAP, SHOWN})
MOUSE = ("?9", "?1000", "?1002", "?1003")
MOUSE_FORMATS = ("?1005", "?1006", "?1015", "?1016")
REMEMBERED = frozenset(
    {INSERT, NEW_LINE, "?1", "?5", ORIGIN, WRAP, "?12", SHOWN, "?45", "?66", *MOUSE, *MOUSE_FORMATS}
    | {"?1004", "?1007", PASTES, "?2031", "?2048"}
)
"""Modes that outlast a picture: keys, mouse, pasting, wrapping …"""

_PIECE = re.compile(NARROW.pattern + r"|[^\x00-\x1f]", re.DOTALL)
_GRAPHICS = dict(zip(range(0x5F, 0x7F), "\xa0◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·", strict=True))


class Terminal:
    """`buffer` is the one that is shown: `main`, or the alternate one of a full-screen program."""

    def __init__(self, cols: int, rows: int) -> None:
        self.cols, self.rows = bounded(cols, rows)
        self.title = ""
        self.bells = 0
        self.notice = ""
        self.reset()

    def reset(self) -> None:
        """Begin anew, as RIS does; the title stays."""
        self.main = self.buffer = Buffer(self.cols, self.rows)
        self.style: Style = PLAIN
        self.modes = set(AT_FIRST)
        self.tabs = set(range(8, self.cols, 8))
        self.charsets = (False, False)
        self.shifted = False
        self.cursor_style = 0
        self.key_modifiers: dict[int, int] = {}
        self.printed = ""

    @property
    def alternate(self) -> bool:
        return self.buffer is not self.main

    def resize(self, cols: int, rows: int) -> None:
        cols, rows = bounded(cols, rows)
        if (cols, rows) == (self.cols, self.rows):
            return
        for buffer in {self.main, self.buffer}:
            buffer.resize(cols, rows)
        self.tabs = {stop for stop in self.tabs if stop < cols} | set(range(-(-self.cols // 8) * 8, cols, 8))
        self.cols, self.rows = cols, rows

    def enter_alternate(self) -> None:
        if not self.alternate:
            self.buffer = Buffer(self.cols, self.rows)
            self.buffer.erase_rows(0, self.rows, erasing(self.style))
            self.buffer.x, self.buffer.y = self.main.x, self.main.y

    def leave_alternate(self) -> None:
        if self.alternate:
            self.main.x, self.main.y = self.buffer.x, self.buffer.y
            self.buffer = self.main
            self._stay_inside()

    def ring(self) -> None:
        self.bells += 1

    def save_cursor(self) -> None:
        here = self.buffer
        here.saved = Saved(here.column, here.y, self.style, self.charsets, self.shifted)

    def restore_cursor(self) -> None:
        here = self.buffer
        here.x, here.y, self.style, self.charsets, self.shifted = here.saved
        self._stay_inside()

    def _stay_inside(self) -> None:
        if ORIGIN in self.modes:
            self.buffer.y = max(self.buffer.top, min(self.buffer.y, self.buffer.bottom))

    def line_feed(self) -> None:
        self.buffer.line_feed(erasing(self.style))
        if NEW_LINE in self.modes:
            self.buffer.x = 0

    def print_run(self, said: str) -> None:
        """Print text with changes of style in it."""
        here = self.buffer
        row = here.rows[here.y]
        run = None if row.wide or INSERT in self.modes or self.charsets[self.shifted] else known(self.style, said)
        if run is not None and here.x + len(run.text) <= self.cols:
            row.place(here.x, run.text, run.styles)
            here.x += len(run.text)
            self.style = run.style
            self.printed = run.printed
            return
        for parameters, text in parts(said):
            if text:
                self.print(text)
            else:
                self.style = restyled(self.style, parameters)
                self.printed = ""

    def print(self, text: str) -> None:
        if self.charsets[self.shifted]:
            text = text.translate(_GRAPHICS)
        inserts = INSERT in self.modes
        if not inserts and (text.isascii() or NARROW.fullmatch(text)):
            self._write(text)
            self.printed = text[-1]
        else:
            for piece in text if inserts else _PIECE.findall(text):
                self._print_piece(piece)

    def _print_piece(self, piece: str) -> None:
        cells = width(piece) if len(piece) == 1 else len(piece)
        if cells > 0:
            self.printed = piece[-1]
            if INSERT in self.modes:
                self._make_room(cells)
        if cells == 0 and self.buffer.x > 0:
            self.buffer.rows[self.buffer.y].combine(self.buffer.x, piece)
            self.printed = (self.printed + piece)[:COMBINED] if self.printed else ""
        elif cells == len(piece):
            self._write(piece)
        elif cells == 2:
            self._write_wide(piece)

    def _write(self, text: str) -> None:
        """Narrow characters from the cursor on."""
        here, style, cols = self.buffer, self.style, self.cols
        wraps = WRAP in self.modes
        surplus = len(text) - (self.rows + 1) * cols
        if surplus > cols and wraps and not here.bounded:
            text = text[: cols + surplus % cols] + text[cols + surplus :]  # what lies between is scrolled away
        while True:
            if here.x >= cols:
                self._wrap()
            room = cols - here.x
            here.rows[here.y].write(here.x, text[:room], style)
            here.x += min(room, len(text))
            text = text[room:]
            if not text:
                return
            if not wraps:
                text = text[-1]

    def _write_wide(self, text: str) -> None:
        here = self.buffer
        if here.x + 2 > self.cols:
            if WRAP in self.modes:
                here.rows[here.y].erase(here.x, self.cols, self.style)
            self._wrap()
        if here.x + 2 <= self.cols:
            here.rows[here.y].write_wide(here.x, text, self.style)
            here.x += 2

    def _make_room(self, cells: int) -> None:
        if self.buffer.x + cells > self.cols:
            self._wrap()
        self.buffer.rows[self.buffer.y].insert(self.buffer.x, cells, erasing(self.style))

    def _wrap(self) -> None:
        """The cursor stands behind the last column and something more is to be written."""
        here = self.buffer
        if WRAP in self.modes:
            here.x = 0
            here.line_feed(erasing(self.style))
        else:
            here.x = self.cols - 1


def bounded(cols: int, rows: int) -> tuple[int, int]:
    return max(1, min(cols, MAX_COLS)), max(1, min(rows, MAX_ROWS))
