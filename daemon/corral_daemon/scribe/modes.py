"""What programs switch: modes, buffers, the region that scrolls, character sets, the reports of the keyboard. Pure."""

from collections.abc import Callable, Mapping

from corral_daemon.scribe.cells import Saved
from corral_daemon.scribe.style import PLAIN
from corral_daemon.scribe.terminal import AT_FIRST, MOUSE, MOUSE_FORMATS, ORIGIN, REMEMBERED, Terminal

Numbers = tuple[int, ...]
"""The parameters of a control sequence; one that was left out is 0."""
_KEYS_KEPT = 16
_ONE_OF = {mode: group for group in (MOUSE, MOUSE_FORMATS) for mode in group}
"""Of these at most one is on."""


def place(terminal: Terminal, x: int, y: int) -> None:
    """Move the cursor to a column and a line of the screen, or of the region in origin mode."""
    here = terminal.buffer
    top, bottom = (here.top, here.bottom) if ORIGIN in terminal.modes else (0, terminal.rows - 1)
    here.x, here.y = max(0, min(x, terminal.cols - 1)), max(top, min(top + y, bottom))


def set_modes(terminal: Terminal, numbers: Numbers) -> None:
    _switch(terminal, "", numbers, on=True)


def reset_modes(terminal: Terminal, numbers: Numbers) -> None:
    _switch(terminal, "", numbers, on=False)


def set_private_modes(terminal: Terminal, numbers: Numbers) -> None:
    _switch(terminal, "?", numbers, on=True)


def reset_private_modes(terminal: Terminal, numbers: Numbers) -> None:
    _switch(terminal, "?", numbers, on=False)


def _switch(terminal: Terminal, prefix: str, numbers: Numbers, *, on: bool) -> None:
    for number in numbers:
        mode = f"{prefix}{number}"
        terminal.modes.difference_update(_ONE_OF.get(mode, (mode,)))
        if on and mode in REMEMBERED:
            terminal.modes.add(mode)
        if mode in _AT_ONCE:
            _AT_ONCE[mode](terminal, on)


def _originate(terminal: Terminal, on: bool) -> None:
    place(terminal, 0, 0)


def _exchange(terminal: Terminal, on: bool) -> None:
    if on:
        terminal.enter_alternate()
    else:
        terminal.leave_alternate()


def _keep_cursor(terminal: Terminal, on: bool) -> None:
    if on:
        terminal.save_cursor()
    else:
        terminal.restore_cursor()


def _exchange_and_keep(terminal: Terminal, on: bool) -> None:
    """1049: a full-screen program comes and goes."""
    if on:
        terminal.save_cursor()
        terminal.enter_alternate()
    else:
        terminal.leave_alternate()
        terminal.restore_cursor()


_AT_ONCE: Mapping[str, Callable[[Terminal, bool], None]] = {
    ORIGIN: _originate,
    "?47": _exchange,
    "?1047": _exchange,
    "?1048": _keep_cursor,
    "?1049": _exchange_and_keep,
}


def set_region(terminal: Terminal, numbers: Numbers) -> None:
    top = max(1, numbers[0])
    bottom = numbers[1] if len(numbers) > 1 and 0 < numbers[1] <= terminal.rows else terminal.rows
    if bottom > top:
        terminal.buffer.top, terminal.buffer.bottom = top - 1, bottom - 1
        place(terminal, 0, 0)


def soft_reset(terminal: Terminal, _numbers: Numbers) -> None:
    """DECSTR: the modes of a new terminal, but for the mouse's, with the screen left as it is."""
    terminal.modes = {*AT_FIRST, *(terminal.modes & _ONE_OF.keys())}
    terminal.style = PLAIN
    terminal.charsets, terminal.shifted = (False, False), False
    terminal.buffer.top, terminal.buffer.bottom = 0, terminal.rows - 1
    terminal.buffer.saved = Saved()


def save_cursor(terminal: Terminal, numbers: Numbers) -> None:
    """SCOSC; with parameters it would set margins, which are not kept."""
    if numbers == (0,):
        terminal.save_cursor()


def restore_cursor(terminal: Terminal, _numbers: Numbers) -> None:
    terminal.restore_cursor()


def shape_cursor(terminal: Terminal, numbers: Numbers) -> None:
    terminal.cursor_style = numbers[0] if numbers[0] <= 6 else 0


def modify_keys(terminal: Terminal, numbers: Numbers) -> None:
    """XTMODKEYS: without a value it is reset."""
    resource, value = numbers[0], (*numbers, 0)[1]
    terminal.key_modifiers.pop(resource, None)
    if value and resource <= 7:
        terminal.key_modifiers[resource] = value


def push_keys(terminal: Terminal, numbers: Numbers) -> None:
    """The kitty keyboard protocol: a program asks for reports of keys, and gives that back when it ends."""
    keys = terminal.buffer.keys
    keys.append(numbers[0] & 31)
    del keys[:-_KEYS_KEPT]


def pop_keys(terminal: Terminal, numbers: Numbers) -> None:
    keys = terminal.buffer.keys
    del keys[max(0, len(keys) - max(1, numbers[0])) :]
    keys[:] = keys or [0]


def set_keys(terminal: Terminal, numbers: Numbers) -> None:
    flags, how = numbers[0] & 31, (*numbers, 1)[1]
    keys = terminal.buffer.keys
    keys[-1] = {2: keys[-1] | flags, 3: keys[-1] & ~flags}.get(how, flags)


def choose_first(graphics: bool) -> Callable[[Terminal], None]:
    def choose(terminal: Terminal) -> None:
        terminal.charsets = (graphics, terminal.charsets[1])

    return choose


def choose_second(graphics: bool) -> Callable[[Terminal], None]:
    def choose(terminal: Terminal) -> None:
        terminal.charsets = (terminal.charsets[0], graphics)

    return choose


def shift_out(terminal: Terminal) -> None:
    terminal.shifted = True


def shift_in(terminal: Terminal) -> None:
    terminal.shifted = False


def number_keys(terminal: Terminal) -> None:
    terminal.modes.discard("?66")


def application_keys(terminal: Terminal) -> None:
    terminal.modes.add("?66")
