"""What is squeezed leads to the same screen as the whole, whatever the traffic; and floods become short."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.scribe import squeeze as squeezing
from corral_daemon.scribe.screen import Screen
from corral_daemon.scribe.squeeze import squeeze
from tests.daemon.screen_world import PIECE, SIZES, TRAFFIC, screen_of, state

Size = tuple[int, int]

LINES = ("one\r\n", "a longer line\r\n", "\x1b[31mred\x1b[m\r\n", "\r\n", "raw\n", "日本\r\n")
BARS = ("10 %\r", "line\r\n", "\x1b[1A\x1b[2K", "\x1b[A", "more\r\n", "\x1b[3A\x1b[J")
FRAMES = (
    *("\x1b[H\x1b[2Jframe", "\x1b[2J\x1b[3J\x1b[Hframe", "\x1b[H\x1b[Jtop", "\x1b[2J\x1b[1m\x1b[2;3Hthere"),
    *("\x1b[2Jno", "\x1b[?2026h\x1b[1;1H\x1b[44m\x1b[Jblue\x1b[?2026l", "\x1b[3;1H\x1b[Jlow", "\x1b[?25l\x1b[H\x1b[0J"),
)
SWITCHES = (
    *(
        "\x1b[?1049h",
        "\x1b[?1049l",
        "\x1b[?47h",
        "\x1b[?1047l",
        "\x1b[2;3r",
        "\x1b[0;1r",
        "\x1b[r",
        "\x1b[?6h",
        "\x1b[?6l",
    ),
    *("\x1b7", "\x1b8", "\x1b[?25l", "\x1b[?25h", "\x1b[4h", "\x1b[4l", "\x1b(0", "\x1b(B", "\x0e", "\x0f", "\x1bc"),
    *("\x1b]0;t\x07", "\x1b]2;u", "\x1b[7m", "\x1b[m", "\x1b[42m", "\x1b[?7l", "\x1b[?7h", "\x1b[?2004h", "\x1b[>1u"),
    *("\x1b[5 q", "\x1b[!p", "\x1b[?1000;1006h"),
)


def some(parts: tuple[str, ...], at_most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(parts), max_size=at_most).map("".join)


WRITTEN = st.sampled_from(("", "a", "Zz", "x" * 7, "x" * 20, "─│", "日本", "e\u0301", "\u0301", "🙂", "\x85", "\ufffd"))
QUIET = st.sampled_from(("", "", "\x1b[1;31m", "\x1b[44m", "\x1b[m", "\x1b[0m", "\x1b[?25l", "\x1b[?2026h"))
ERASED = st.sampled_from(("", "\x1b[K", "\x1b[0K", "\x1b[1K", "\x1b[2K"))
STROKE = st.builds(
    "\x1b[{}{}H{}{}{}{}{}".format,
    st.integers(0, 9), st.sampled_from(("", ";", ";1", ";1", ";0", ";3", ";19", ";99")), QUIET, WRITTEN, ERASED,
    st.sampled_from(("", "b", "y" * 12)), st.sampled_from(("", "\x1b[m", "\x1b[K")),
)  # fmt: skip
PICTURE = st.lists(st.sampled_from(("k", "\x1b[7mm", "\x1b[m")), min_size=8, max_size=8).map(
    lambda texts: "".join(f"\x1b[{row};1H{text}\x1b[K" for row, text in enumerate(texts, 1))
)
STROKES = st.lists(st.one_of(STROKE, STROKE, STROKE, PICTURE), max_size=25).map("".join)

PARTS = st.one_of(
    some(LINES, 25), some(BARS, 40), some(FRAMES, 2), some(SWITCHES, 2), some(SWITCHES, 2), PIECE, STROKES, STROKES
)
LONG = st.lists(PARTS, max_size=15).map(lambda parts: "".join(parts).encode())


@given(TRAFFIC, LONG, SIZES)
def test_it_leads_to_the_same_screen(before: bytes, data: bytes, size: Size) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(squeezing, "WORTH_IT", 1)
        patch.setattr(squeezing, "_FAR", 1)
        short, whole = screen_of(before, size), screen_of(before, size)
        data = short.take_back() + data
        whole.take_back()
        short.feed(squeeze(data, short))
        whole.feed(data)
    assert state(short) == state(whole)
    assert short.draw() == whole.draw()


def clearing(frame: int) -> str:
    return "\x1b[?2026h\x1b[2J\x1b[3J\x1b[H" + f"\x1b[1mframe {frame}\x1b[22m and text\r\n" * 60 + "\x1b[?2026l"


def appending(frame: int) -> str:
    return "\x1b[2K\x1b[1A" * 5 + f"\x1b[2Kline {frame}\r\n" + f"\x1b[38;5;{frame % 256}mstatus\x1b[39m\r\n" * 5


def drawing(frame: int) -> str:
    """A full screen drawn in place, as many agents do, in one synchronized update."""
    rows = "".join(
        f"\x1b[{row};1H\x1b[{30 + (row + frame) % 8}mline {row} of {frame}\x1b[m\x1b[K" for row in range(1, 41)
    )
    return f"\x1b[?2026h\x1b[?25l{rows}\x1b[?25h\x1b[?2026l"


def touching(frame: int) -> str:
    """Of which only a few lines change."""
    rows = "".join(f"\x1b[{row};1H\x1b[2K\x1b[1m{frame} \x1b[32mof many\x1b[m" for row in (3, 38, 40))
    return f"\x1b[?2026h{rows}\x1b[39;{frame % 30}H*\x1b[?2026l"


def marching(frame: int) -> str:
    return "x" * 50


@pytest.mark.parametrize(
    "frame",
    [
        lambda frame: f"{frame}\r\n" * 10,
        lambda frame: f"\x1b[32mINFO\x1b[0m line {frame}\r\n",
        clearing,
        appending,
        drawing,
        touching,
        marching,
    ],
)
def test_floods_become_short(frame: Callable[[int], str]) -> None:
    data = "".join(map(frame, range(3000))).encode()
    screen = Screen(120, 40)
    short = squeeze(data, screen)
    print(f"{len(data)} bytes become {len(short)}")
    assert len(short) < len(data) // 4
    screen.feed(short)
    assert state(screen) == state(screen_of(data, (120, 40)))


def test_where_nothing_is_ever_new_all_is_kept() -> None:
    data = b"\x1b[2A\rover\r\nand over\r\n" * 1000
    assert squeeze(data, Screen(20, 10)) == data
