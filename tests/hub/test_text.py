"""What can be stored: the fast check says of any JSON value what a plain walk through it says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.text import MAX_DEPTH, check_json, check_line

texts = st.text(st.characters() | st.sampled_from(["\x00", "\ud800", "\\", "u", "0", '"']), max_size=8)
numbers = st.integers(-(2**65), 2**65) | st.floats() | st.sampled_from([2**64 - 1, 2**64, -(2**63), -(2**63) - 1])
values = st.recursive(
    st.none() | st.booleans() | texts | numbers,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


def storable(value: Any) -> bool:
    match value:
        case str():
            return "\x00" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
        case dict():
            return all(storable(key) and storable(item) for key, item in value.items())
        case list():
            return all(map(storable, value))
        case float():
            return value == value and abs(value) != float("inf")
        case int():
            return -(2**63) <= value < 2**64
        case _:
            return True


def accepted(value: Any) -> bool:
    try:
        assert check_json(value) is value
    except ValueError as error:
        assert str(error)
        return False
    return True


@given(values)
def test_what_is_accepted_is_what_can_be_stored(value: Any) -> None:
    assert accepted(value) is storable(value)


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", '"\\u0000', "null", "\\" * 9 + "u0000"])
def test_what_only_looks_like_it(text: str) -> None:
    assert accepted([text, {text: None}])
    assert not accepted([text, {text + "\x00": None}])


@pytest.mark.parametrize("kind", ["list", "object"])
def test_depth_has_an_end(kind: str) -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH):
        value = [value] if kind == "list" else {"a": value}
    assert accepted(value)
    assert not accepted([value])
    for _ in range(20_000):
        value = [value]
    assert not accepted(value)


def test_nan_is_found_among_nulls() -> None:
    assert accepted([None] * 3)
    assert not accepted([None, json.loads("NaN")])
    assert not accepted({"a": [None, {"b": json.loads("-Infinity")}]})


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31m", "a\u2028b", "a\u202eb", "\t"])
def test_names_are_one_line_that_can_be_printed(name: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        check_line(name)
    assert check_line("anvil é 鍛冶屋 2") == "anvil é 鍛冶屋 2"
