"""Conditions: all 24 operators by the reference's table (S4), groups, paths, and hostile patterns."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.workflows.condition import DEEPEST, OPERATORS, UNARY, Group, Question, follow, holds, read, write
from corral_protocol.codec import Malformed
from tests.hub.workflows.operators import TABLE

VALUES = (None, "", "x", "true", "1", 0, 1, 1.5, True, False, [], [1, "a"], {}, {"a": 1})
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab0"), inner, max_size=3),
    max_leaves=6,
)
tests = st.builds(
    Question, st.sampled_from(["", "a", "a.b", "0", "a.0"]), st.sampled_from(sorted(OPERATORS)), json_values
)
conditions = st.recursive(
    tests,
    lambda inner: st.builds(Group, st.lists(inner, min_size=1, max_size=3).map(tuple), st.booleans()),
    max_leaves=4,
)


def ask(operator: str, actual: Any, wanted: Any = None) -> bool:
    return holds(Question("", operator, wanted), actual)


def test_there_are_24_operators_and_11_need_no_value() -> None:
    assert len(OPERATORS) == 24
    assert len(UNARY) == 11


@pytest.mark.parametrize(("operator", "actual", "wanted", "expected"), TABLE)
def test_an_operator_means_what_the_reference_says(operator: str, actual: Any, wanted: Any, expected: bool) -> None:
    assert ask(operator, actual, wanted) is expected


@pytest.mark.parametrize("value", VALUES)
def test_opposites_are_opposite(value: Any) -> None:
    for yes, no in (("exists", "not_exists"), ("is_empty", "is_not_empty")):
        assert ask(yes, value) is not ask(no, value)
    for wanted in VALUES:
        for yes, no in (("eq", "neq"), ("contains", "not_contains"), ("in", "not_in")):
            assert ask(yes, value, wanted) is not ask(no, value, wanted)


def test_a_path_has_dots_also_before_an_index() -> None:
    output = {"items": [{"name": "a"}, {"name": "b"}], "0": "zero"}
    assert follow(output, "items.1.name") == "b"
    assert follow(output, "0") == "zero"
    assert follow(output, "") == output
    for nowhere in ("items.2", "items.x", "items.-1", "name", "items.0.name.more", "items.99999999999999"):
        assert follow(output, nowhere) is None


def test_groups_ask_all_or_any() -> None:
    big, red = {"field": "n", "operator": "gt", "value": 5}, {"field": "c", "operator": "eq", "value": "red"}
    both, one = read({"all": [big, red]}), read({"any": [big, {"all": [red, red]}]})
    assert holds(both, {"n": 9, "c": "red"})
    assert not holds(both, {"n": 9, "c": "blue"})
    assert holds(one, {"n": 1, "c": "red"})
    assert not holds(one, {"n": 1, "c": "blue"})


@given(conditions)
def test_what_is_written_is_read_again(condition: Any) -> None:
    written = write(condition)
    assert write(read(written)) == written


@given(conditions, json_values)
def test_asking_never_raises(condition: Any, value: Any) -> None:
    assert holds(condition, value) in (True, False)


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ([], ""), ("x", ""), ({"operator": "like"}, "/operator"), ({"operator": []}, "/operator"),
        ({"field": 1}, "/field"), ({"all": []}, "/all"), ({"any": {}}, "/any"),
        ({"all": [{"any": [{"operator": "no"}]}]}, "/all/0/any/0/operator"),
    ],
)  # fmt: skip
def test_what_is_no_condition_is_named_by_its_place(value: Any, pointer: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(value)
    assert refused.value.pointer == pointer


def test_groups_have_a_bottom() -> None:
    value: Any = {"field": "x", "value": 1}
    for _ in range(DEEPEST + 1):
        value = {"all": [value]}
    with pytest.raises(Malformed, match="deep"):
        read(value)


def test_a_pattern_that_explodes_does_not() -> None:
    assert ask("matches", "a" * 5000, "(a+)+$") is True
    assert ask("matches", "a" * 5000 + "!", "(a+)+$") is False
    assert ask("matches", "x", "x" * 2000) is False
