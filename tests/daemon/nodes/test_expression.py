"""Expressions: as Python has them where they are allowed, refused where they are not, and never without end."""

import ast
import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as property_of
from hypothesis import strategies as st

from corral_daemon.expression import Expression, ExpressionRefused
from tests.daemon.nodes.step_world import Stage, given, stage

NAMES: dict[str, Any] = {"input_data": {"start": {"n": 5, "tags": ["a", "b"], "name": "Ada"}, "empty": None}}


def value(text: str) -> Any:
    return Expression(text).evaluate(NAMES)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('input_data["start"]["n"] > 3 and "a" in input_data["start"]["tags"]', True),
        ('input_data["empty"] is None', True),
        ('input_data.get("nope", {}).get("x") is None', True),
        ('1 < input_data["start"]["n"] <= 5', True),
        ('not input_data["start"]["name"].lower().startswith("b")', True),
        ("len(input_data['start']['tags']) * 2 + 1", 5),
        ('"x" if false else "y"', "y"),
        ("[1, 2, 3][-1] + {'a': 1}['a']", 4),
        ("'abc'[1:]", "bc"),
        ("sum([1, 2.5]) // 1 % 2", 1.0),
        ("false or null or 'last'", "last"),
        ("false and nothing_of_that_name", False),
        ("round(10 / 4, 1) == 2.5", True),
        ("2 ** 8", 256),
    ],
)  # fmt: skip
def test_values(text: str, wanted: Any) -> None:
    assert value(text) == wanted


HOSTILE = [
    "().__class__.__base__.__subclasses__()", "__import__('os').system('id')", "input_data.__class__",
    "input_data.get.__globals__", "getattr(input_data, 'get')", "eval('1')", "exec('1')", "open('/etc/passwd')",
    "compile('1', '', 'eval')", "globals()", "locals()", "vars()", "dir()", "type(1)", "breakpoint()", "input()",
    "(lambda: 1)()", "[x for x in [1]]", "{x for x in [1]}", "(x for x in [1])", "f'{input_data}'", "(x := 1)",
    "'{0.__class__}'.format(1)", "'%s' % input_data", "b'bytes'", "1j", "...", "print(1)", "await x", "yield 1",
    "input_data['start'].pop('n')", "input_data['start'].update({})", "input_data['start']['tags'].append(1)",
    "max([1], key=len)", "len(*[[1]])", "{**input_data}", "[*input_data]", "input_data.get", "a.b", "import os",
    "x = 1", "", " ", "1; 2", "1\n2", "'a' 'b' if", "\x00", "str(input_data)", "max", "len()", "len(1, 2)",
    "bool.__subclasses__()", "'a'.lower().__class__", "input_data.items()", "(1).bit_length()", "'x'.join(['a'])",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_refused(text: str) -> None:
    before = copy.deepcopy(NAMES)
    with pytest.raises(ExpressionRefused):
        value(text)
    assert before == NAMES


ENDLESS = [
    "9 ** 9 ** 9", "2 ** 10000", "'a' * 10 ** 9", "[0] * 10 ** 9", "10 ** 29 * 10 ** 29",
    "-" * 1000 + "1", "[" * 100 + "]" * 100, "1" * 5000, "+".join(["1"] * 5000), "'a' * 99999 + 'a' * 99999",
    "sum([" + "1," * 4000 + "1]) * 10 ** 28 * 10 ** 28", "int('9' * 4000)", "1 << 10 ** 9", "not " * 500 + "1",
    "max(" + "'a' * 90000 in 'a' * 90000, " * 300 + "1)", "0 ** -1", "1 / 0", "1e308 * 10 // 0",
]  # fmt: skip


@pytest.mark.parametrize("text", ENDLESS)
def test_there_is_an_end_to_everything(text: str) -> None:
    with pytest.raises(ExpressionRefused):
        value(text)


def test_large_inputs_are_looked_at_and_not_for_ever() -> None:
    names: dict[str, Any] = {"input_data": {"text": "x" * 4_000_000, "rows": [[1] * 1000] * 1000}}
    assert Expression("'y' in input_data['text']").evaluate(names) is False
    again = " and ".join(["input_data['rows'] == input_data['rows']"] * 60)
    with pytest.raises(ExpressionRefused, match="steps"):
        Expression(again).evaluate(names)


LEAVES = st.one_of(st.integers(-100, 100), st.booleans(), st.text("ab", max_size=3)).map(repr)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "==", "!=", "<", "and", "or", "in"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        inner.map(lambda part: f"(not {part})"),
        inner.map(lambda part: f"[{part}]"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
    ),
    max_leaves=12,
)


@property_of(EXPRESSIONS)
def test_it_never_raises_anything_else(text: str) -> None:
    try:
        found = value(text)
    except ExpressionRefused:
        return
    assert isinstance(found, bool | int | float | str | list)


@property_of(st.recursive(st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(), st.lists, max_leaves=8))
def test_what_is_written_down_is_what_it_is(literal: Any) -> None:
    """Where there is nothing to calculate, Python's own reader of literals agrees."""
    text = repr(literal)
    assert value(text) == ast.literal_eval(text)


@property_of(st.text(max_size=60))
def test_any_text_at_all(text: str) -> None:
    try:
        value(text)
    except ExpressionRefused as error:
        assert str(error)


# -- the nodes ---------------------------------------------------------------------


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as made:
        yield made


async def test_the_filter_opens_one_of_two_handles(here: Stage) -> None:
    words = {"condition": "input_data['start']['n'] > 3"}
    result = await here.run("filter", words, **given(("start", {"n": 5})))
    assert (result.output, result.handles) == ({"n": 5}, ("main",))
    result = await here.run("filter", words, **given(("start", {"n": 1})))
    assert result.handles == ("rejected",)


async def test_a_list_is_filtered(here: Stage) -> None:
    words = {"condition": "item['n'] > 3"}
    result = await here.run("filter", words, **given(("rows", [{"n": 1}, {"n": 5}])))
    assert (result.output, result.handles) == ([{"n": 5}], ("main",))


async def test_automateos_passes_or_fails(here: Stage) -> None:
    words = {"condition": "input_data['http_request_node']['status_code'] == 200"}
    inputs = given(("http_request_node", {"status_code": 200}))
    assert await here.output("filter_node", words, **inputs) == {"passed": True}
    inputs = given(("http_request_node", {"status_code": 404}))
    assert (await here.refused("filter_node", words, **inputs))[0] == "reported"


@pytest.mark.parametrize("condition", ["1", "input_data['nope']", "().__class__", ""])
async def test_a_condition_that_is_none(here: Stage, condition: str) -> None:
    assert (await here.refused("filter_node", {"condition": condition}))[0] == "bad_input"
