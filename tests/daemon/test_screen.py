"""The screen model: cut anywhere, drawn anew, fed with anything."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.scribe.screen import Screen
from tests.daemon.screen_world import SIZES, TRAFFIC, screen_of, state

Size = tuple[int, int]


@given(TRAFFIC, SIZES, st.lists(st.integers(0, 300), max_size=4))
def test_output_may_be_cut_anywhere(data: bytes, size: Size, cuts: list[int]) -> None:
    screen = Screen(*size)
    for start, end in pairwise((0, *sorted(cuts), 1000)):
        screen.feed(data[start:end])
    assert state(screen) == state(screen_of(data, size))


@given(TRAFFIC, SIZES)
def test_a_drawing_is_the_same_screen(data: bytes, size: Size) -> None:
    screen = screen_of(data, size)
    assert state(screen_of(screen.draw(), size)) == state(screen)


@given(st.binary(max_size=400), SIZES)
def test_no_bytes_break_it(data: bytes, size: Size) -> None:
    screen = screen_of(data, size)
    assert state(screen_of(screen.draw(), size)) == state(screen)


@given(TRAFFIC, SIZES, SIZES, TRAFFIC)
def test_it_can_be_resized_at_any_time(before: bytes, size: Size, other: Size, after: bytes) -> None:
    screen = screen_of(before, size)
    screen.resize(*other)
    screen.feed(after)
    assert len(screen.lines()) == other[1]
    assert all(len(row.texts) == other[0] for row in screen.buffer.rows)
    assert state(screen_of(screen.draw(), other)) == state(screen)


@pytest.mark.parametrize(
    "endless",
    ["\x1b]2;" + "t" * 100_000, "\x1bP" + "q\n" * 100_000, "\x1b[" + "1;" * 100_000, "\x1b" + " " * 100_000],
)
def test_what_never_ends_is_not_kept(endless: str) -> None:
    whole, pieces = screen_of(endless.encode(), (20, 5)), Screen(20, 5)
    for at in range(0, len(endless), 1000):
        pieces.feed(endless[at : at + 1000].encode())
    assert len(whole.take_back()) <= 4096
    for screen in (whole, pieces):
        screen.feed(b"\x1b\\\x1b[Hafter")
        assert (screen.lines()[0], screen.title) == ("after", "")


@pytest.mark.parametrize("final", "@ABCDEFGHIJKLMPSTXZ`abdefgr")
def test_huge_parameters_cost_nothing(final: str) -> None:
    screen = screen_of(f"one\x1b[999999999999;99999999999{final}".encode() * 100, (80, 24))
    assert len(screen.lines()) == 24


def test_a_window_has_a_largest_size() -> None:
    screen = Screen(10**9, 0)
    assert (screen.cols, screen.rows) == (500, 1)


def test_what_can_be_read_is_harmless() -> None:
    hostile = "\x1b]0;\x9b31mred\u202e\x07a\u202eb\x85c\x1b]52;c;c2VjcmV0\x07\x1bP$q\x1b\\d\x1b]8;;http://x\x07link\x1b]8;;\x07"
    screen = screen_of(hostile.encode(), (40, 2))
    assert screen.lines() == ("a\ufffdbcdlink", "")
    assert screen.title == "\ufffd31mred\ufffd"


def test_the_cursor_is_where_it_is_shown() -> None:
    assert screen_of(b"12345", (5, 2)).cursor == (4, 0)
