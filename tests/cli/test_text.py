"""What reaches a terminal is harmless, what reaches a machine is exact."""

import json
import unicodedata
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_cli.text import clean, clean_block, clean_output, format_duration, parse_duration, relative, to_json

NOW = datetime(2025, 1, 1, 12, tzinfo=UTC)
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)


def steers(text: str, allowed: str = "") -> bool:
    return any(
        (unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in BIDI) and char not in allowed
        for char in text
    )


@given(ANYTHING)
def test_a_cleaned_line_is_one_harmless_line(text: str) -> None:
    assert not steers(clean(text))
    assert clean(clean(text)) == clean(text)


@given(ANYTHING)
def test_a_cleaned_block_keeps_only_tabs_and_line_breaks(text: str) -> None:
    assert not steers(clean_block(text), "\n\t")


@given(ANYTHING)
def test_output_without_colour_holds_no_escape(text: str) -> None:
    assert not steers(clean_output(text, colour=False), "\n\t")


def test_output_keeps_colours_and_ends_them_but_not_other_sequences() -> None:
    shown = clean_output("\x1b[31mred\x1b[2J\x1b]0;title\x07", colour=True)
    assert shown == "\x1b[31mred\\x1b[2J\\x1b]0;title\\x07\x1b[0m"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | ANYTHING,
        lambda inner: st.lists(inner) | st.dictionaries(ANYTHING, inner),
    )
)
def test_json_reads_back_the_same_and_steers_nothing(value: object) -> None:
    text = to_json(value)
    assert json.loads(text) == value
    assert not steers(text, "\n")
    text.encode()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("10m", 600),
        ("1h30m", 5400),
        ("2d", 172800),
        ("250ms", 0.25),
        ("42", 42),
        ("1.5h", 5400),
        (" 5M ", 300),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "10 minutes", "-5s", "1h 30m", "5y", "m", "1e3"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@given(st.floats(0, 1e9))
def test_a_duration_is_short_and_close(seconds: float) -> None:
    text = format_duration(seconds)
    assert len(text) <= 9
    assert abs(parse_duration(text) - seconds) <= max(1.0, seconds * 0.06)


def test_times_are_relative_to_now() -> None:
    assert relative((NOW - timedelta(seconds=42)).isoformat(), NOW) == "42s ago"
    assert relative((NOW + timedelta(minutes=15)).isoformat(), NOW) == "in 15m00s"
    assert relative(None, NOW) == "–"
    assert relative("\x1byesterday", NOW) == "\\x1byesterday"
