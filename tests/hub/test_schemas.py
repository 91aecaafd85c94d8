"""Schemas and values made to cost: each is answered within its steps, and none does more than raise Unjudged."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.tasks.schemas import DECLARING, STEPS, Meter, Unjudged, find_errors, find_problem

Json = Any
EVIL = "^(a+)+$"


def doubling(keyword: str) -> Json:
    """Forty definitions, each of which is the next one twice."""
    inner = {f"d{n}": {keyword: [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    return {"$ref": "#/$defs/d0", "$defs": {**inner, "d40": {"type": "string"}}}


def nested(levels: int) -> Json:
    value: Json = 1
    for _ in range(levels):
        value = {"a": value}
    return value


WIDE = {f"x{n}": 1 for n in range(20_000)}
UNBEARABLE: Mapping[str, tuple[Json, Json]] = {
    "references that double": (doubling("anyOf"), 1),
    "references that double, all": (doubling("allOf"), "x"),
    "references that double, one": (doubling("oneOf"), 1),
    "doubling at every level of the value": (
        {"allOf": [{"properties": {"a": {"$ref": "#"}}}, {"properties": {"a": {"$ref": "#"}}}]},
        nested(40),
    ),
    "itself": ({"$ref": "#"}, 1),
    "itself, by turns": ({"not": {"if": {"$ref": "#"}}}, 1),
    "many, compared in pairs": ({"uniqueItems": True}, [{"a": n} for n in range(200_000)]),
    "many, looked up among many": ({"items": {"enum": [{"a": n} for n in range(3000)]}}, [{"a": -1}] * 3000),
    "a pattern with many states": ({"pattern": "[01]*1[01]{900}x"}, "01" * 50_000),
    "wide schemas for many": ({"items": WIDE}, [1] * 20_000),
    "a wide schema, by reference": ({"items": {"$ref": "#/$defs/w"}, "$defs": {"w": WIDE}}, [1] * 20_000),
    "an anchor among many": ({"items": {"$ref": "#x"}, "$defs": {f"d{n}": {} for n in range(2000)}}, [1] * 20_000),
    "many that must contain": ({"contains": True, "minContains": 10**9}, [0] * 200_000),
    "errors that quote everything": ({"allOf": [{"type": "string"}] * 5000}, [0] * 300_000),
    "refusals that quote everything": ({"allOf": [False] * 5000}, [0] * 300_000),
    "another draft inside": (
        {"items": {"$schema": "http://json-schema.org/draft-07/schema#", "pattern": EVIL, "uniqueItems": True}},
        [[{"a": n} for n in range(3000)]] * 50,
    ),
}


@pytest.mark.parametrize("name", UNBEARABLE)
def test_what_costs_too_much_is_not_judged(name: str) -> None:
    schema, value = UNBEARABLE[name]
    with pytest.raises(Unjudged):
        find_errors(schema, value, Meter(STEPS), 50)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": EVIL}, "a" * 60 + "!"),
        ({"patternProperties": {EVIL: False}, "additionalProperties": False}, {"a" * 60 + "!": 1}),
        ({"additionalProperties": {"$schema": "https://json-schema.org/draft/2020-12/schema", "pattern": EVIL}},
         {"x": "a" * 60 + "!"}),
    ],
)  # fmt: skip
def test_patterns_do_not_backtrack(schema: Json, value: Json) -> None:
    assert find_problem(schema, Meter(DECLARING)) is None
    assert len(find_errors(schema, value, Meter(STEPS), 50)) == 1


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"pattern": "a{99999999999"}, None),
        ({"pattern": "("}, "cannot be used"),
        ({"pattern": "(?=a)b"}, "cannot be used"),
        ({"pattern": r"(a)\1"}, "cannot be used"),
        ({"patternProperties": {"[": {}}}, "cannot be used"),
        ({"pattern": "(" * 3000}, "cannot be used"),
        ({"unevaluatedProperties": False}, "not supported"),
        ({"items": {"unevaluatedItems": False}}, "not supported"),
        ({"properties": {f"p{n}": {"type": "string"} for n in range(5000)}}, "too many steps"),
        (nested(5000), None),
        ({"properties": {"a": {"not": {"type": "objekt"}}}}, "not a JSON Schema"),
    ],
)
def test_what_may_be_declared(schema: Json, said: str | None) -> None:
    problem = find_problem(schema, Meter(DECLARING))
    assert (problem is None) if said is None else (said in str(problem)), problem


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("^[a-z]+$", "abc", True),
        ("b", "abc", True),
        (r"^\u00e9\\u$", "é\\u", True),
        (r"^a\/b$", "a/b", True),
        (r"^\p{L}+$", "Straße", True),
        ("^$", "a", False),
    ],
)
def test_patterns_mean_what_they_say(pattern: str, value: str, matches: bool) -> None:
    assert find_problem({"pattern": pattern}, Meter(DECLARING)) is None
    assert bool(find_errors({"pattern": pattern}, value, Meter(STEPS), 50)) is not matches


def test_equal_is_what_the_specification_calls_equal() -> None:
    unique = [1, True, 0, False, "1", None, [1], [True], ["bool", True], {"a": 1}, {"a": True}, {"a": [1]}, {}]
    assert not find_errors({"uniqueItems": True}, unique, Meter(STEPS), 50)
    for twice in ([1, 1.0], [[1], [1.0]], [{"a": 1, "b": 2}, {"b": 2, "a": 1}]):
        assert find_errors({"uniqueItems": True}, twice, Meter(STEPS), 50)


def test_what_people_write_is_judged_whole() -> None:
    """Eight hundred entries of an interface, and a schema with a hundred properties."""
    entry = {"type": "object", "required": ["name"], "additionalProperties": False, "properties": {
        "name": {"type": "string", "pattern": "^[a-z_]+$"}, "port": {"type": "integer", "minimum": 1}}}  # fmt: skip
    value = [{"name": "serve", "port": 80}] * 799 + [{"name": "serve", "port": 0}]
    (error,) = find_errors({"type": "array", "items": entry}, value, Meter(STEPS), 50)
    assert list(error.absolute_path) == [799, "port"]
    properties = {f"p{n}": {"type": "string", "description": "one of many", "minLength": 1} for n in range(100)}
    assert find_problem({"type": "object", "properties": properties}, Meter(DECLARING)) is None


def test_several_share_one_meter() -> None:
    meter = Meter(STEPS)
    with pytest.raises(Unjudged):
        for _ in range(STEPS):
            find_errors({"type": "array", "items": {"type": "integer"}}, [1] * 100, meter, 50)


DRAFTS = ["https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-03/schema#"]
URIS = ["#", "#/$defs/a", "#a", "x:y", "http://[", "//[", "foo:///[", "", "~", "/"]
words = st.sampled_from([*URIS, *DRAFTS, "a", "a{2}", "("])
scalars = st.none() | st.booleans() | st.sampled_from([0, 1, -1, 1.5, 1e308, 5e-324, 2**63 - 1]) | words
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3))
KINDS = st.sampled_from(["string", "object", "array", "integer"])


def keywords(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    named, listed = st.dictionaries(words, inner, max_size=2), st.lists(inner, min_size=1, max_size=3)
    return st.fixed_dictionaries({}, optional={
        "$ref": words, "$dynamicRef": words, "$id": words, "$anchor": words, "$schema": words, "$defs": named,
        "type": KINDS, "enum": st.lists(values, max_size=3), "const": values, "multipleOf": st.just(5e-324),
        "pattern": words, "uniqueItems": st.booleans(), "properties": named, "patternProperties": named,
        "additionalProperties": inner, "propertyNames": inner, "items": inner, "prefixItems": listed,
        "contains": inner, "allOf": listed, "anyOf": listed, "oneOf": listed, "not": inner, "if": inner,
        "then": inner, "dependentSchemas": named, "dependentRequired": st.dictionaries(words, st.just(["a"])),
    })  # fmt: skip


@given(st.recursive(st.booleans(), keywords, max_leaves=12), values)
def test_nothing_else_is_raised(schema: Json, value: Json) -> None:
    if find_problem(schema, Meter(DECLARING)) is None:
        try:
            assert isinstance(find_errors(schema, value, Meter(STEPS), 50), list)
        except Unjudged as error:
            assert str(error)
