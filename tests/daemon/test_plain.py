"""Text out of output: only what can be read, line by line, and nothing that could do something where it is printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.scribe.plain import harmless, recent


@pytest.mark.parametrize(
    ("output", "lines"),
    [
        ("one\r\ntwo\r\n", ("one", "two")),
        ("one\ntwo", ("one", "two")),
        ("\x1b[1;31mred\x1b[m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07\r\n", ("red link",)),
        ("10 %\r50 %\r100 %\r\ndone\r\n", ("100 %", "done")),
        ("word\b\b\b\bWORD", ("WORD",)),
        ("a\tb", ("a       b",)),
        ("\x1bPq#0\n\n\x1b\\image\x1b_Gq\x1b\\", ("image",)),
        ("\x1b]52;c;c2VjcmV0", ()),
        ("one\r\n\r\n$ ", ("one", "", "$")),
        ("left\u202eright\x9b31m", ("left\ufffdright\ufffd31m",)),
        ("", ()),
    ],
)
def test_what_can_be_read(output: str, lines: tuple[str, ...]) -> None:
    assert recent(output.encode(), 10) == lines


@pytest.mark.parametrize(
    "output", ["\r" * 500_000, "a" * 250_000 + "\b" * 250_000, "\x1b[" * 250_000, "\x1b]" * 250_000]
)
def test_no_output_takes_long(output: str) -> None:
    assert recent(output.encode(), 10) in ((), ("",))


def test_only_the_last_lines_are_told() -> None:
    assert recent(b"1\n2\n3\n4\n", 2) == ("3", "4")
    assert recent(b"1\n", 0) == ()


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_nothing_harmful_is_left(output: bytes) -> None:
    for line in recent(output, 100):
        assert line == harmless(line)
        assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in line)
