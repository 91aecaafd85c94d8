"""Detach keys among what is typed: however reads cut it, however the terminal spells it, nothing else is touched."""

import itertools

import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_cli.settings import DEFAULT_DETACH_KEYS
from corral_cli.terminal.detach_keys import DetachKeys, parse_keys, spell_keys

DOCKER = parse_keys("ctrl-p,ctrl-q")
OURS = parse_keys(DEFAULT_DETACH_KEYS)


def typed(keys: str, *pieces: bytes) -> tuple[bytes, bool]:
    """Return what passed, and whether somebody left, after all pieces."""
    machine = DetachKeys(parse_keys(keys))
    passed = b""
    for piece in pieces:
        more, left = machine.feed(piece)
        passed += more
        if left:
            return passed, True
    return passed, False


def cut(data: bytes, at: list[int]) -> list[bytes]:
    marks = sorted({0, len(data), *(place % (len(data) + 1) for place in at)})
    return [data[start:end] for start, end in itertools.pairwise(marks)]


def test_keys_are_read_and_spelled() -> None:
    assert spell_keys(OURS) == "Ctrl-\\ d"
    assert spell_keys(parse_keys("ctrl-], CTRL-@,x")) == "Ctrl-] Ctrl-@ x"
    assert parse_keys("none") == ()


@pytest.mark.parametrize("text", ["", "ctrl-", "ctrl-ab", "strg-p", "ctrl-p,", "ctrl-[", "ctrl-1", "ä", "\x10"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"key|Escape"):
        parse_keys(text)


@pytest.mark.parametrize(
    ("keys", "pieces", "expected"),
    [
        ("ctrl-p,ctrl-q", [b"ls\r\x10\x11rm -rf"], (b"ls\r", True)),
        ("ctrl-p,ctrl-q", [b"\x10", b"\x11"], (b"", True)),
        ("ctrl-p,ctrl-q", [b"\x10", b"\x10", b"x"], (b"\x10\x10x", False)),
        ("ctrl-p,ctrl-q", [b"\x10\x10\x11"], (b"\x10", True)),
        ("ctrl-\\,d", [b"\x1cd"], (b"", True)),
        ("ctrl-\\,d", [b"\x1c", b"D"], (b"\x1cD", False)),
        ("ctrl-]", [b"a\x1db"], (b"a", True)),
        ("a,a,b", [b"aaab"], (b"a", True)),
        ("none", [b"\x1cd\x10\x11"], (b"\x1cd\x10\x11", False)),
    ],
)
def test_the_sequence_is_found_and_the_rest_passes(keys: str, pieces: list[bytes], expected: object) -> None:
    assert typed(keys, *pieces) == expected


@pytest.mark.parametrize(
    "spelled",
    [
        b"\x1b[92;5ud",
        b"\x1b[92;5u\x1b[100u",
        b"\x1b[92;5:1u\x1b[92;5:3u\x1b[57442;5:3u\x1b[100;1:1u",  # with releases, of the key and of Ctrl itself
        b"\x1b[92;5:1u\x1b[92;5:2ud",  # held down for a moment
        b"\x1b[92;133ud",  # num lock
        b"\x1b[92;69u\x1b[100;65u",  # caps lock
        b"\x1b[92::45;5ud",  # where that key is on another keyboard
        b"\x1b[27;5;92~d",  # xterm's modifyOtherKeys
    ],
)
def test_keys_that_are_spelled_out_count(spelled: bytes) -> None:
    assert typed("ctrl-\\,d", b"x" + spelled) == (b"x", True)


@pytest.mark.parametrize("other", [b"\x1b[92;6ud", b"\x1b[92;7ud", b"\x1b[92;5:3ud", b"\x1b[92ud", b"\x1b[9;5ud"])
def test_other_spelled_keys_pass(other: bytes) -> None:
    assert typed("ctrl-\\,d", other) == (other, False)


@pytest.mark.parametrize("piece", [b"\x1b", b"\x1b[", b"\x1bO", b"a\x1b"])
def test_escape_never_waits(piece: bytes) -> None:
    assert DetachKeys(OURS).feed(piece) == (piece, False)


def test_a_key_that_is_cut_in_the_middle_is_put_together() -> None:
    assert typed("ctrl-\\,d", b"\x1b[92", b";5", b"u", b"d") == (b"", True)
    assert typed("ctrl-\\,d", b"\x1b[1", b";5A") == (b"\x1b[1;5A", False)


ALPHABET = st.sampled_from(
    [b"\x10", b"\x11", b"a", b"\x1b", b"\x1b[A", b"\x1b[1;5C", b"\x1b[112;5u", b"\x1b[113;5u", b"["]
)
STREAM = st.lists(ALPHABET, max_size=30).map(b"".join)


@given(st.binary(max_size=60) | STREAM, st.lists(st.integers(0, 200), max_size=6))
def test_nothing_is_lost_added_or_reordered(data: bytes, at: list[int]) -> None:
    machine = DetachKeys(DOCKER)
    passed, left = b"", False
    for piece in [*cut(data, at), b"z"]:  # what is held back comes with the next key
        more, left = machine.feed(piece)
        passed += more
        if left:
            break
    assert data.startswith(passed) if left else passed == data + b"z"


@given(st.binary(max_size=40).filter(lambda data: b"\x10" not in data and b"\x1b" not in data), st.data())
def test_it_is_found_wherever_it_is_cut(before: bytes, data: st.DataObject) -> None:
    whole = before + b"\x10\x11"
    pieces = cut(whole, data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    assert typed("ctrl-p,ctrl-q", *pieces) == (before, True)
