"""What each control of a terminal does: one function, one line in a table. Pure."""

from collections.abc import Callable, Mapping

from corral_daemon.scribe import modes
from corral_daemon.scribe.modes import Numbers, place
from corral_daemon.scribe.style import erasing
from corral_daemon.scribe.terminal import ORIGIN, Terminal

Control = Callable[[Terminal], None]
Sequence = Callable[[Terminal, Numbers], None]


def _first(numbers: Numbers) -> int:
    """How often, or how far."""
    return max(1, numbers[0])


# -- moving ---------------------------------------------------------------------


def _up(terminal: Terminal, numbers: Numbers) -> None:
    here = terminal.buffer
    limit = here.top if here.y >= here.top else 0
    here.x, here.y = here.column, max(limit, here.y - _first(numbers))


def _down(terminal: Terminal, numbers: Numbers) -> None:
    here = terminal.buffer
    limit = here.bottom if here.y <= here.bottom else terminal.rows - 1
    here.x, here.y = here.column, min(limit, here.y + _first(numbers))


def _down_anywhere(terminal: Terminal, numbers: Numbers) -> None:
    here = terminal.buffer
    limit = here.bottom if ORIGIN in terminal.modes else terminal.rows - 1
    here.x, here.y = here.column, min(limit, here.y + _first(numbers))


def _right(terminal: Terminal, numbers: Numbers) -> None:
    here = terminal.buffer
    here.x = min(terminal.cols - 1, here.column + _first(numbers))


def _left(terminal: Terminal, numbers: Numbers) -> None:
    here = terminal.buffer
    here.x = max(0, here.column - _first(numbers))


def _next_line(terminal: Terminal, numbers: Numbers) -> None:
    _down(terminal, numbers)
    terminal.buffer.x = 0


def _previous_line(terminal: Terminal, numbers: Numbers) -> None:
    _up(terminal, numbers)
    terminal.buffer.x = 0


def _to_column(terminal: Terminal, numbers: Numbers) -> None:
    terminal.buffer.x = min(terminal.cols, _first(numbers)) - 1


def _to_line(terminal: Terminal, numbers: Numbers) -> None:
    place(terminal, terminal.buffer.column, _first(numbers) - 1)


def _to(terminal: Terminal, numbers: Numbers) -> None:
    place(terminal, _first(numbers[1:] or (1,)) - 1, _first(numbers) - 1)


def _backspace(terminal: Terminal) -> None:
    terminal.buffer.x = max(0, terminal.buffer.column - 1)


def _carriage_return(terminal: Terminal) -> None:
    terminal.buffer.x = 0


def _new_line(terminal: Terminal) -> None:
    terminal.buffer.x = 0
    terminal.line_feed()


def _index(terminal: Terminal) -> None:
    terminal.buffer.line_feed(erasing(terminal.style))


def _reverse_index(terminal: Terminal) -> None:
    terminal.buffer.reverse_feed(erasing(terminal.style))


# -- tabs -----------------------------------------------------------------------


def _tab(terminal: Terminal, numbers: Numbers = (1,)) -> None:
    here = terminal.buffer
    if here.x < terminal.cols:
        stops = sorted(stop for stop in terminal.tabs if stop > here.x)[: _first(numbers)]
        here.x = stops[-1] if len(stops) == _first(numbers) else terminal.cols - 1


def _back_tab(terminal: Terminal, numbers: Numbers) -> None:
    here = terminal.buffer
    if here.x < terminal.cols:
        stops = sorted((stop for stop in terminal.tabs if stop < here.x), reverse=True)[: _first(numbers)]
        here.x = stops[-1] if len(stops) == _first(numbers) else 0


def _set_tab(terminal: Terminal) -> None:
    terminal.tabs.add(terminal.buffer.column)


def _clear_tab(terminal: Terminal, numbers: Numbers) -> None:
    if numbers[0] == 0:
        terminal.tabs.discard(terminal.buffer.column)
    elif numbers[0] == 3:
        terminal.tabs.clear()


# -- erasing and moving what is there ----------------------------------------------


def _erase_display(terminal: Terminal, numbers: Numbers) -> None:
    here, style = terminal.buffer, erasing(terminal.style)
    if numbers[0] == 0:
        here.rows[here.y].erase(here.x, terminal.cols, style)
        here.erase_rows(here.y + 1, terminal.rows, style)
    elif numbers[0] == 1:
        here.erase_rows(0, here.y, style)
        here.rows[here.y].erase(0, here.column + 1, style)
    elif numbers[0] == 2:
        here.erase_rows(0, terminal.rows, style)


def _erase_line(terminal: Terminal, numbers: Numbers) -> None:
    here = terminal.buffer
    spans = {0: (here.x, terminal.cols), 1: (0, here.column + 1), 2: (0, terminal.cols)}
    if numbers[0] in spans:
        here.rows[here.y].erase(*spans[numbers[0]], erasing(terminal.style))


def _erase_characters(terminal: Terminal, numbers: Numbers) -> None:
    here = terminal.buffer
    here.x = here.column
    here.rows[here.y].erase(here.x, min(terminal.cols, here.x + _first(numbers)), erasing(terminal.style))


def _insert_characters(terminal: Terminal, numbers: Numbers) -> None:
    here = terminal.buffer
    here.x = here.column
    here.rows[here.y].insert(here.x, _first(numbers), erasing(terminal.style))


def _delete_characters(terminal: Terminal, numbers: Numbers) -> None:
    here = terminal.buffer
    here.x = here.column
    here.rows[here.y].delete(here.x, _first(numbers), erasing(terminal.style))


def _insert_lines(terminal: Terminal, numbers: Numbers) -> None:
    here = terminal.buffer
    if here.top <= here.y <= here.bottom:
        here.scroll_down(_first(numbers), erasing(terminal.style), top=here.y)
        here.x = 0


def _delete_lines(terminal: Terminal, numbers: Numbers) -> None:
    here = terminal.buffer
    if here.top <= here.y <= here.bottom:
        here.scroll_up(_first(numbers), erasing(terminal.style), top=here.y)
        here.x = 0


def _scroll_up(terminal: Terminal, numbers: Numbers) -> None:
    terminal.buffer.scroll_up(_first(numbers), erasing(terminal.style))


def _scroll_down(terminal: Terminal, numbers: Numbers) -> None:
    if len(numbers) == 1:  # with more it asks for mouse reports
        terminal.buffer.scroll_down(_first(numbers), erasing(terminal.style))


def _repeat(terminal: Terminal, numbers: Numbers) -> None:
    if terminal.printed:
        terminal.print(terminal.printed * _first(numbers))


def _align(terminal: Terminal) -> None:
    """Fill the screen with E: a test pattern."""
    for row in terminal.buffer.rows:
        row.write(0, "E" * terminal.cols, terminal.style)
    place(terminal, 0, 0)


CONTROLS: Mapping[str, Control] = {
    "\b": _backspace,
    "\t": _tab,
    "\n": Terminal.line_feed,
    "\r\n": _new_line,
    "\a": Terminal.ring,
    "\v": Terminal.line_feed,
    "\f": Terminal.line_feed,
    "\r": _carriage_return,
    "\x0e": modes.shift_out,
    "\x0f": modes.shift_in,
}
ESCAPES: Mapping[str, Control] = {
    "7": Terminal.save_cursor,
    "8": Terminal.restore_cursor,
    "D": _index,
    "E": _new_line,
    "H": _set_tab,
    "M": _reverse_index,
    "c": Terminal.reset,
    "=": modes.application_keys,
    ">": modes.number_keys,
    "#8": _align,
    "(0": modes.choose_first(True),
    ")0": modes.choose_second(True),
    **{f"({other}": modes.choose_first(False) for other in "AB12"},
    **{f"){other}": modes.choose_second(False) for other in "AB12"},
}
SEQUENCES: Mapping[str, Sequence] = {
    "@": _insert_characters,
    "A": _up,
    "B": _down,
    "C": _right,
    "D": _left,
    "E": _next_line,
    "F": _previous_line,
    "G": _to_column,
    "H": _to,
    "I": _tab,
    "J": _erase_display,
    "K": _erase_line,
    "L": _insert_lines,
    "M": _delete_lines,
    "P": _delete_characters,
    "S": _scroll_up,
    "T": _scroll_down,
    "X": _erase_characters,
    "Z": _back_tab,
    "`": _to_column,
    "a": _right,
    "b": _repeat,
    "d": _to_line,
    "e": _down_anywhere,
    "f": _to,
    "g": _clear_tab,
    "h": modes.set_modes,
    "l": modes.reset_modes,
    "r": modes.set_region,
    "s": modes.save_cursor,
    "u": modes.restore_cursor,
    "?h": modes.set_private_modes,
    "?l": modes.reset_private_modes,
    "?J": _erase_display,
    "?K": _erase_line,
    "!p": modes.soft_reset,
    " q": modes.shape_cursor,
    ">m": modes.modify_keys,
    ">u": modes.push_keys,
    "<u": modes.pop_keys,
    "=u": modes.set_keys,
}
