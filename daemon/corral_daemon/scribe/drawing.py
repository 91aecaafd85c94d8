"""Draw a screen, so that a new terminal of the same size looks, and behaves, like this one. Pure."""

from collections.abc import Iterator
from itertools import groupby

from corral_daemon.scribe.cells import BLANK, Buffer, Saved
from corral_daemon.scribe.style import PLAIN, Style
from corral_daemon.scribe.terminal import AT_FIRST, ORIGIN, Terminal


def draw(terminal: Terminal) -> str:
    """Everything is put where it belongs by its position; modes come last, or they would change how this is drawn."""
    parts = [*_tabs(terminal), *_contents(terminal.main)]
    if terminal.alternate:
        parts += ["\x1b[?1047h", *_contents(terminal.buffer)]
    return "".join((*parts, *_cursor(terminal), *_modes(terminal)))


def _contents(buffer: Buffer) -> Iterator[str]:
    for y in range(len(buffer.rows)):
        yield from _row(buffer, y)
    if buffer.saved != Saved():
        saved = buffer.saved
        yield f"{_to(saved.x, saved.y)}{saved.style.sgr()}{_charsets(saved.charsets, saved.shifted)}\x1b7"
        yield "\x1b[m" + _charsets_off(saved.charsets, saved.shifted)
    if buffer.keys[0]:
        yield f"\x1b[={buffer.keys[0]}u"
    yield from (f"\x1b[>{flags}u" for flags in buffer.keys[1:])
    if buffer.bounded:
        yield f"\x1b[{buffer.top + 1};{buffer.bottom + 1}r"


def _row(buffer: Buffer, y: int) -> Iterator[str]:
    """Cells that are not blank, as few moves and changes of style as there are gaps and changes."""
    row = buffer.rows[y]
    at, end, style = -1, 0, PLAIN
    for same, cells in groupby(zip(row.styles, row.texts, strict=True), key=_looks):
        texts = [text for _, text in cells]
        at, end = end, end + len(texts)
        if same is None:
            yield _to(end, y) if end < buffer.cols else ""
            continue
        yield (_to(0, y) if at == 0 else "") + (same.sgr() if same != style else "") + "".join(texts)
        style = same
    yield "\x1b[m" if style != PLAIN else ""


def _looks(cell: tuple[Style, str]) -> Style | None:
    """None for what a new terminal shows anyway."""
    style, text = cell
    return None if text == BLANK and style == PLAIN else style


def _cursor(terminal: Terminal) -> Iterator[str]:
    here = terminal.buffer
    if ORIGIN in terminal.modes:
        yield f"\x1b[{ORIGIN}h"
    top = here.top if ORIGIN in terminal.modes else 0
    if here.x < terminal.cols:
        yield _to(here.x, here.y - top) + terminal.style.sgr()
        return
    # Only a character in the last column brings the cursor behind it.
    row = here.rows[here.y]
    at = terminal.cols - (2 if row.texts[-1] == "" else 1)
    yield _to(at, here.y - top) + row.styles[at].sgr() + row.texts[at] + terminal.style.sgr()


def _modes(terminal: Terminal) -> Iterator[str]:
    on, off = terminal.modes - AT_FIRST - {ORIGIN}, AT_FIRST - terminal.modes
    yield from (f"\x1b[{mode}h" for mode in sorted(on))
    yield from (f"\x1b[{mode}l" for mode in sorted(off))
    yield from (f"\x1b[>{resource};{value}m" for resource, value in sorted(terminal.key_modifiers.items()))
    if terminal.cursor_style:
        yield f"\x1b[{terminal.cursor_style} q"
    if terminal.title:
        yield f"\x1b]2;{terminal.title}\x07"
    yield _charsets(terminal.charsets, terminal.shifted)


def _charsets(graphics: tuple[bool, bool], shifted: bool) -> str:
    return ("\x1b(0" if graphics[0] else "") + ("\x1b)0" if graphics[1] else "") + ("\x0e" if shifted else "")


def _charsets_off(graphics: tuple[bool, bool], shifted: bool) -> str:
    return ("\x1b(B" if graphics[0] else "") + ("\x1b)B" if graphics[1] else "") + ("\x0f" if shifted else "")


def _tabs(terminal: Terminal) -> Iterator[str]:
    if terminal.tabs != set(range(8, terminal.cols, 8)):
        yield "\x1b[3g" + "".join(f"{_to(stop, 0)}\x1bH" for stop in sorted(terminal.tabs))


def _to(x: int, y: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H"
