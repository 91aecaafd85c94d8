"""Outlines: everything that is there can be read, nothing that is empty takes a line, nothing steers the terminal."""

from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from corral_cli.outline import outline
from corral_cli.text import clean_block

WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
SIMPLE = WORDS | st.integers() | st.booleans() | st.none()
VALUES = st.recursive(SIMPLE, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4))


def test_names_values_lists_and_what_is_below() -> None:
    spec = {
        "run": {"argv": ["make", "test"], "merge": True, "env": {}},
        "contracts": [{"key": "api", "required": True}, {"key": "ui"}],
        "note": "one\ntwo",
    }
    assert outline(spec).splitlines() == [
        "run",
        "  argv   make, test",
        "  merge  true",
        "contracts",
        "  - key       api",
        "    required  true",
        "  - key  ui",
        "note",
        "  one",
        "  two",
    ]


def test_texts_of_the_hub_cannot_steer_the_terminal() -> None:
    assert outline({"a\x1b[2J": "\u202ex\x07"}) == "a\\x1b[2J  \\u202ex\\x07"


@given(VALUES)
def test_every_value_that_is_there_can_be_read(value: Any) -> None:
    text = outline(value)
    assert all(word in text for word in words(value))
    assert not any(line != line.rstrip() for line in text.splitlines())


def words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if inner not in (None, "", [], {}):
                yield name
            yield from words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words(inner)
    elif value is not None:
        yield clean_block(str(value).lower() if isinstance(value, bool) else value)
