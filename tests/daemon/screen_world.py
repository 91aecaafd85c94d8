"""Terminal traffic out of hypothesis, and all that can be known of a screen."""

from typing import Any

from hypothesis import strategies as st

from corral_daemon.scribe.cells import Buffer
from corral_daemon.scribe.screen import Screen

NUMBERS = (*range(13), 30, 41, 97, 999999999)
TEXTS = ("a", "Zz", "hello world ", "x" * 30, "日本", "é", "e\u0301", "🙂", "─│┌", "\u202e", "\u200d", "q~", "\x85")
CONTROLS = ("\r", "\n", "\r\n", "\b", "\t", "\x07", "\x0b", "\x00", "\x7f", "\x0e", "\x0f")
STYLES = ("", "0", "1", "22", "31", "39", "42", "49", "7", "38;5;200", "48;2;1;2;3", "4:3", "38:2::9:8:7", "1;31;44")
PRIVATE = (1, 5, 6, 7, 25, 47, 66, 1000, 1003, 1006, 1047, 1048, 1049, 2004, 2026)
MODES = ("4", "20", *(f"?{number}" for number in PRIVATE))
ESCAPES = ("7", "8", "D", "E", "H", "M", "=", ">", "(0", "(B", ")0", "#8", "c")
OTHERS = ("[s", "[u", "[!p", "[3 q", "[>4;2m", "[>1u", "[<u", "[=5;1u")
STRINGS = ("]0;a title\x07", "]2;another\x1b\\", "]52;c;aGk=\x07", "Pq#0;1\nq\x1b\\", "_G\n\x1b\\", "]2;\n\n\x1b[")
BROKEN = ("[2\n3H", "[\x18", "", "[1", "]2;never ends\n")

NUMBER = st.sampled_from(NUMBERS)
SEQUENCE = st.one_of(
    st.builds("\x1b[{}{}".format, NUMBER, st.sampled_from("@ABCDEFGHIJKLMPSTXZ`abdefgr")),
    st.builds("\x1b[{};{}{}".format, NUMBER, NUMBER, st.sampled_from("Hfr")),
    st.builds("\x1b[{}{}".format, st.sampled_from(MODES), st.sampled_from("hl")),
    st.builds("\x1b[{}m".format, st.sampled_from(STYLES)),
    st.builds("\x1b{}".format, st.sampled_from((*ESCAPES, *OTHERS, *STRINGS, *BROKEN))),
)
PIECE = st.one_of(st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.sampled_from(CONTROLS), SEQUENCE)
TRAFFIC = st.lists(PIECE, max_size=40).map(lambda pieces: "".join(pieces).encode())
SIZES = st.tuples(st.integers(1, 20), st.integers(1, 8))


def screen_of(data: bytes, size: tuple[int, int]) -> Screen:
    screen = Screen(*size)
    screen.feed(data)
    return screen


def state(screen: Screen) -> dict[str, Any]:
    """What a later byte, or whoever looks, could tell; but for the character that REP would repeat."""
    known: dict[str, Any] = {
        name: getattr(screen, name)
        for name in ("cols", "rows", "style", "modes", "tabs", "charsets", "shifted", "cursor_style", "key_modifiers")
    }
    known |= {"title": screen.title, "alternate": screen.alternate, "buffer": _buffer(screen.buffer)}
    known["at"] = (screen.buffer.x, screen.buffer.y)
    return known | ({"main": _buffer(screen.main)} if screen.alternate else {})


def _buffer(buffer: Buffer) -> dict[str, Any]:
    rows = [list(zip(row.texts, row.styles, strict=True)) for row in buffer.rows]
    return {"rows": rows, "region": (buffer.top, buffer.bottom), "saved": buffer.saved, "keys": buffer.keys}
