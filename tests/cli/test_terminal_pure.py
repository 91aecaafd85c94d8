"""Modes, positions, endings, key names: what attaching decides without a terminal."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_cli.errors import Failed, NotFound, NotPermitted
from corral_cli.terminal import words
from corral_cli.terminal.awaited import expand, judge
from corral_cli.terminal.detach_keys import parse_keys
from corral_cli.terminal.endings import Ended, exit_code_of, refusal
from corral_cli.terminal.key_names import bytes_of
from corral_cli.terminal.modes import Modes
from corral_cli.terminal.resume import ACKNOWLEDGE_EVERY, Position, backoff
from corral_cli.waiting import Verdict
from corral_protocol.frames import Kind
from corral_protocol.viewers import SessionRefused
from corral_protocol.vocabulary import SessionMode
from tests.cli.test_detach_keys import cut

TUI = b"\x1b[?1049h\x1b[?25l\x1b[?1000;1006h\x1b[?2004h\x1b[>1u\x1b[>4;2m\x1b[?1h"


def modes_after(*pieces: bytes) -> Modes:
    modes = Modes()
    for piece in pieces:
        modes.watch(piece)
    return modes


def test_what_was_switched_on_is_switched_off() -> None:
    modes = modes_after(TUI)
    back = modes.put_back()
    assert modes.alternate
    for sequence in (
        b"\x1b[?1000l",
        b"\x1b[?1006l",
        b"\x1b[?2004l",
        b"\x1b[?1l",
        b"\x1b[<1u",
        b"\x1b[>4m",
        b"\x1b[?25h",
    ):
        assert sequence in back
    assert back.index(b"\x1b[?2004l") < back.index(b"\x1b[?1049l")


def test_what_was_not_switched_on_is_left_alone() -> None:
    back = modes_after(TUI, b"\x1b[?1049l\x1b[?2004l").put_back()
    assert b"1049" not in back and b"2004" not in back  # leaving twice would move the cursor
    assert b"\x1b[<" not in Modes().put_back()


@given(st.lists(st.integers(0, 200), max_size=8))
def test_modes_are_followed_however_they_are_cut(at: list[int]) -> None:
    assert modes_after(*cut(TUI, at)).put_back() == modes_after(TUI).put_back()


@pytest.mark.parametrize(
    "sequence",
    [b"\x1b[31m", b"\x1b[?1;2$p", b"\x1b(B", b"\x1b]8;;http://x\x07", b"\x1bPq#1\x1b\\", b"\xf0\x9f\x98\x80"],
)
def test_nothing_is_said_in_the_middle_of_a_sequence(sequence: bytes) -> None:
    for at in range(1, len(sequence)):
        assert not modes_after(b"x", sequence[:at]).at_rest, sequence[:at]
    pieces = [sequence[at : at + 1] for at in range(len(sequence))]
    assert modes_after(*pieces).at_rest
    assert modes_after(sequence + b"x").at_rest


# -- positions ------------------------------------------------------------------------


def test_the_stream_goes_on_where_it_stopped() -> None:
    position = Position()
    assert position.take(Kind.SNAPSHOT, 100, b"screen") == (b"screen", 0)
    assert position.take(Kind.OUTPUT, 100, b"abc") == (b"abc", 0)
    assert position.take(Kind.OUTPUT, 101, b"bcde") == (b"de", 0)  # again, and more
    assert position.take(Kind.OUTPUT, 100, b"ab") == (b"", 0)
    assert position.take(Kind.OUTPUT, 110, b"x") == (b"x", 5)
    assert position.take(Kind.SNAPSHOT, 200, b"screen") == (b"screen", 89)
    assert position.received == 200


@given(st.binary(max_size=300), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 80)), max_size=20))
def test_no_byte_is_lost_or_doubled(stream: bytes, frames: list[tuple[int, int]]) -> None:
    position, got = Position(0), b""
    for start, length in frames:
        start = min(start, position.received or 0)  # frames may come again, but not too early
        fresh, lost = position.take(Kind.OUTPUT, start, stream[start : start + length])
        assert lost == 0
        got += fresh
    assert got == stream[: position.received]


def test_acknowledgements_are_prompt_at_rest_and_rare_in_a_flood() -> None:
    position = Position(0)
    assert position.acknowledge() is None
    position.take(Kind.OUTPUT, 0, b"x")
    position.show(1)
    assert (position.acknowledge(), position.acknowledge()) == (1, None)
    position.take(Kind.OUTPUT, 1, bytes(10 * ACKNOWLEDGE_EVERY))
    position.show(ACKNOWLEDGE_EVERY)
    assert position.acknowledge() is None
    position.show(ACKNOWLEDGE_EVERY + 1)
    assert position.acknowledge() == ACKNOWLEDGE_EVERY + 1
    position.start_over()
    assert position.acknowledge() == ACKNOWLEDGE_EVERY + 1


@given(st.integers(0, 10**6), st.floats(0, 1, exclude_max=True))
def test_reconnecting_begins_quickly_and_never_hurries(failures: int, chance: float) -> None:
    assert 0.1 <= backoff(failures, chance) <= 10
    assert backoff(0, chance) <= 0.2


# -- endings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("details", "code"),
    [({"exit_code": 0}, 0), ({"exit_code": 3}, 3), ({"signal": 9}, 137), ({"exit_code": None, "signal": None}, None)],
)
def test_the_exit_code_of_a_session_is_ours(details: dict[str, object], code: int | None) -> None:
    assert exit_code_of(details) == code


def test_what_is_no_number_is_no_count() -> None:
    assert Ended("closed", {"output_bytes": "many"}).output_bytes is None


def test_refusals_have_their_exit_codes() -> None:
    def refused(code: str) -> SessionRefused:
        return SessionRefused(session_id="s", code=code, detail="no", hint="try")

    assert isinstance(refusal(refused("session_not_found")), NotFound)
    assert isinstance(refusal(refused("role_required")), NotPermitted)
    assert isinstance(refusal(refused("something_new")), Failed)


# -- what is awaited ----------------------------------------------------------------------


def session(status: str = "running", doing: str = "", exit_code: int | None = None) -> dict[str, object]:
    return {"status": status, "attention": {"attention": doing} if doing else None, "exit_code": exit_code}


@pytest.mark.parametrize(
    ("found", "until", "verdict"),
    [
        (session(), [], Verdict.WAITING),
        (session("closed", exit_code=3), [], Verdict.REACHED),
        (session(doing="idle"), ["idle"], Verdict.REACHED),
        (session(doing="working"), ["idle", "waits_for_input"], Verdict.WAITING),
        (session("closed", doing="idle"), ["idle"], Verdict.MISSED),
        (session("closed", exit_code=0), ["finished"], Verdict.REACHED),
        (session("closed", exit_code=1), ["finished"], Verdict.MISSED),
        (session("lost"), ["closed"], Verdict.MISSED),
        (session("lost"), ["ended"], Verdict.REACHED),
        (session("closed", exit_code=1), ["dead"], Verdict.REACHED),
    ],
)
def test_waiting(found: dict[str, object], until: list[str], verdict: Verdict) -> None:
    assert judge(found, expand(until)) is verdict


def test_a_word_that_is_no_state() -> None:
    with pytest.raises(ValueError, match="no state"):
        expand(["done"])


# -- keys and words -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("C-c", b"\x03"), ("ctrl-c", b"\x03"), ("^C", b"\x03"), ("C-\\", b"\x1c"), ("C-Space", b"\x00"),
        ("Enter", b"\r"), ("escape", b"\x1b"), ("M-x", b"\x1bx"), ("M-Enter", b"\x1b\r"), ("Up", b"\x1b[A"),
        ("S-Tab", b"\x1b[Z"), ("F5", b"\x1b[15~"), ("y", b"y"), ("ß", "ß".encode()), ("^", b"^"),
    ],
)  # fmt: skip
def test_keys_have_names(name: str, data: bytes) -> None:
    assert bytes_of(name) == data


@pytest.mark.parametrize("name", ["", "C-", "C-ü", "Entr", "\x1b"])
def test_what_is_no_key(name: str) -> None:
    with pytest.raises(ValueError, match="is no key"):
        bytes_of(name)


def test_a_hostile_name_stays_text() -> None:
    hostile = {"id": "3f2a", "name": "\x1b]52;c;x\x07", "server_name": "\x1b[2J", "cols": 10, "rows": 10}
    keys = parse_keys("ctrl-p,ctrl-q")
    assert "\x1b" not in words.greeting(hostile, SessionMode.VIEW, keys, (80, 24))
    assert words.title(hostile, "watching", keys).count(b"\x1b") == 2  # its own beginning and end


def test_a_notice_fits_the_window() -> None:
    assert b"x" * 79 + b"\x1b" in words.notice("x" * 500, (80, 24))
