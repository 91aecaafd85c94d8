"""What a session prints: all of it reaches the terminal, but for clipboards and titles, however it is cut."""

import re

import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_cli.terminal.guard import Allowed, Guard
from tests.cli.test_detach_keys import cut

ST = b"\x1b\\"


def shown(*pieces: bytes, **allowed: bool) -> bytes:
    guard = Guard(Allowed(**allowed))
    return b"".join(guard.pass_on(piece) for piece in pieces)


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x1b]52;c;cm0gLXJmIH4=\x07",
        b"\x1b]52;c;cm0gLXJmIH4=\x1b\\",
        b"\x1b]052;;cm0=\x07",
        b"\x1b]5\x002;c;cm0=\x07",  # control characters inside are ignored by terminals
        b"\x1b\x00]52;c;cm0=\x07",  # … and between Escape and what follows
        b"\x1b\x1b]52;c;cm0=\x07",
        b"\xc2\x9d52;c;cm0=\xc2\x9c",  # the C1 forms
        b"\x1b]52;c;?\x07",  # asks for the clipboard
        b"\x1b]5522;type=read\x07",
        b"\x1b]1337;Copy=:cm0=\x07",
        b"\x1b]1337;CopyToClipboard=\x07",
        b"\x1b]0;title\x07",
        b"\x1b]2;title\x1b\\",
        b"\x1b];title\x07",
        b"\x1b]ltitle\x1b\\",
        b"\x1bktitle\x1b\\",
        b"\x1b]0;title\x18",
    ],
)
def test_clipboards_and_titles_are_dropped(hostile: bytes) -> None:
    assert shown(b"a" + hostile + b"b") in (b"a" + ST + b"b", b"a\x1b" + ST + b"b", b"a\x00" + ST + b"b")
    for at in range(len(hostile) + 1):
        told = shown(b"a" + hostile[:at], hostile[at:] + b"b")
        assert re.sub(rb"\x1b\\|[\x00\x1b]", b"", told) == b"ab", at


@pytest.mark.parametrize(
    "harmless",
    [
        b"\x1b[31mred\x1b[0m",
        b"\x1b]8;;https://example.org\x07link\x1b]8;;\x07",
        b"\x1b]10;?\x07",
        b"\x1b]133;A\x1b\\",
        b"\x1b]1337;File=inline=1:AAAA\x07",
        b"\x1b]4;1;rgb:ff/00/00\x1b\\",
        b"\x1b]P1ff0000\x1b]R",
        b"\x1bPq#0;2;0;0;0\x1b\\",
        b"\x1b[?2004h\x1b[?1049h",
        "Ü – 😀 Â".encode(),
        b"\x1b]999;" + b"x" * 5000 + b"\x07",
    ],
)
def test_everything_else_passes_as_it_is(harmless: bytes) -> None:
    assert shown(harmless, b"|") == harmless + b"|"
    for at in range(min(len(harmless), 200)):
        assert shown(harmless[:at], harmless[at:], b"|") == harmless + b"|", at


@pytest.mark.parametrize(
    "joining",
    [
        b"\x1b\x1b]0;x\x07]52;c;cm0=\x07",  # the first Escape and what follows the dropped title
        b"\xc2\x1b]0;x\x07\x9d52;c;cm0=\x07",
        b"\x1b]\x1b]0;x\x0752;c;cm0=\x07",
    ],
)
def test_what_is_left_does_not_join(joining: bytes) -> None:
    told = shown(joining)
    assert not re.search(rb"(\x1b|\xc2\x9d)[\x00-\x1a]*\]?52;", told)
    assert shown(told, b"") == told  # a second look finds nothing more to drop


def test_a_tmux_passthrough_carries_nothing_either() -> None:
    assert b"52;" not in shown(b"\x1bPtmux;\x1b\x1b]52;c;cm0=\x07\x1b\\")


def test_what_is_allowed_passes() -> None:
    write, title = b"\x1b]52;c;cm0=\x07", b"\x1b]2;t\x07"
    assert shown(write + title, clipboard=True) == write + ST
    assert shown(write + title, titles=True) == ST + title
    assert shown(b"\x1b]52;c;?\x07", clipboard=True, titles=True) == ST


def test_a_flood_of_escapes_costs_no_more_than_other_bytes() -> None:
    """Quadratic patterns would not come back from this within the life of the test."""
    guard = Guard(Allowed())
    for piece in (b"\x1b" * 400_000, b"\x1b" + b"\x00" * 400_000, b"\x1b]" * 200_000, b"\xc2" * 400_000):
        guard.pass_on(piece)


TOKENS = st.sampled_from(
    [
        b"\x1b",
        b"]",
        b"52;c;AA",
        b"0;t",
        b"8;;u",
        b"\x07",
        b"\\",
        b"\xc2",
        b"\x9d",
        b"\x9c",
        b"\x00",
        b"x",
        b"k",
        b"\x18",
    ]
)


@given(st.lists(TOKENS, max_size=25).map(b"".join), st.lists(st.integers(0, 100), max_size=5))
def test_no_clipboard_gets_through_however_it_is_cut(data: bytes, at: list[int]) -> None:
    told = shown(*cut(data, at))
    assert not re.search(rb"(?:\x1b[\x00-\x17\x19\x1c-\x1f]*\]|\xc2\x9d)[\x00-\x06\x08-\x17]*52;", told)
    assert not re.search(rb"(?:\x1b[\x00-\x17\x19\x1c-\x1f]*\]|\xc2\x9d)[\x00-\x06\x08-\x17]*0;t", told)


@given(st.binary(max_size=200).filter(lambda data: b"\x1b" not in data and b"\xc2" not in data))
def test_plain_bytes_are_the_same_bytes(data: bytes) -> None:
    assert shown(data) == data
