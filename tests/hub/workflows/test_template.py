"""Templates: the reference's vectors in its dialect, what ours adds, and that nothing in them can surprise."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.workflows.model import Dialect
from corral_hub.workflows.template import TooDeep, fill, names, normalise

OURS, THEIRS = Dialect.CORRAL, Dialect.MACHINA
SCOPE = {
    "start": {"message": "hi", "n": 0, "arr": [{"t": "a"}, {"t": "b"}], "none": None, "no": False},
    "myagent2": {"response": "done"},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{start.arr[1].t}}", "b"), ("{{start.arr.1.t}}", ""), ("{{ start.message }}", ""),
        ("{{START.message}}", "hi"),
        ("{{START.MESSAGE}}", ""), ("{{start.n}}", 0), ("x{{start.n}}", "x0"), ("{{start}}", SCOPE["start"]),
        ("{{my agent 2.response}}", ""), ("{{myagent2.response}}", "done"), ("{{}}", "{{}}"), ("  {{start.n}} ", 0),
        ("{{start.none}}", ""), ("{{start.no}}", False), ("a{{start.arr}}", "a[{'t': 'a'}, {'t': 'b'}]"),
        ("{{$json.x}}", ""), ("{{start.arr[7].t}}", ""), ("{{start.message}}{{start.n}}", "hi0"),
    ],
)  # fmt: skip
def test_their_dialect_reads_the_reference_vectors(text: str, expected: Any) -> None:
    found = fill(text, SCOPE, THEIRS)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ start.message }}", "hi"), ("{{start.arr.1.t}}", "b"), ("{{ My Agent 2.response }}", "done"),
        ("{{start.gone ?? 7}}", 7), ('{{start.gone ?? "none"}}', "none"), ("{{start.gone ?? start.message}}", "hi"),
        ("{{start.gone ?? other.gone ?? false}}", False), ("{{start.n ?? 5}}", 0), ("{{start.gone}}", ""),
        ("a{{start.arr}}", 'a[{"t": "a"}, {"t": "b"}]'), ("{{start.no}}", False), ("é{{start.no}}", "éfalse"),
    ],
)  # fmt: skip
def test_our_dialect_adds_spaces_indexes_and_defaults(text: str, expected: Any) -> None:
    found = fill(text, SCOPE, OURS)
    assert found == expected
    assert type(found) is type(expected)


def test_every_string_in_the_parameters_is_read_and_keys_are_not() -> None:
    value = {"{{start.n}}": ["{{start.message}}", {"deep": "{{start.n}}"}], "n": 1}
    assert fill(value, SCOPE, OURS) == {"{{start.n}}": ["hi", {"deep": 0}], "n": 1}


@pytest.mark.parametrize("dialect", list(Dialect))
def test_what_is_inserted_is_not_read_again(dialect: Dialect) -> None:
    scope = {"a": {"x": "{{b.y}}"}, "b": {"y": "secret"}}
    assert fill("{{a.x}}", scope, dialect) == "{{b.y}}"
    assert fill("say {{a.x}}", scope, dialect) == "say {{b.y}}"


@given(st.text(alphabet='{}[]. abAB01"?$_\x00é', max_size=30), st.sampled_from(list(Dialect)))
def test_no_text_makes_it_raise(text: str, dialect: Dialect) -> None:
    fill("{{" + text + "}}", {"a": {"b": [1, {"a": None}]}}, dialect)
    fill(text, {"a": 1}, dialect)
    list(names(text, dialect))


@given(st.dictionaries(st.text("ab", max_size=2), st.integers() | st.text("xyz{"), max_size=3))
def test_without_templates_nothing_changes(value: Any) -> None:
    if "{{" not in str(value):
        assert fill(value, {"x": 1}, OURS) == value


def test_names_are_those_that_a_value_begins_with() -> None:
    value = {"a": "{{ One.x ?? two[0].y ?? 3 }} {{three}}", "b": ["{{One.z}}", 4]}
    assert list(names(value, OURS)) == ["one", "two", "three", "one"]
    assert normalise("  My\tAgent 2 ") == "myagent2"


def test_nesting_has_a_bottom() -> None:
    value: Any = "{{start.n}}"
    for _ in range(100):
        value = [value]
    with pytest.raises(TooDeep):
        fill(value, SCOPE, OURS)
