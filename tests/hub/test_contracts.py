"""Contracts: every broken promise is named by a pointer that leads to it; what is kept is not complained about."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.tasks.contracts import MAX_PROBLEMS, check, check_declarations, published
from corral_protocol.run import Contract

KEYS = ("api", "a/b", "til~de", "ключ")
SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "ports": {"type": "array", "items": {"type": "integer", "minimum": 1}}},
}

values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "ports", "a/b", "~"]), inner, max_size=3)
    ),
    max_leaves=8,
)
contracts = st.lists(
    st.builds(Contract, key=st.sampled_from(KEYS), schema=st.sampled_from([None, SCHEMA]), required=st.booleans()),
    unique_by=lambda contract: contract.key,
)
results = st.none() | values | st.fixed_dictionaries({"contracts": st.dictionaries(st.sampled_from(KEYS), values)})


def keeps(value: Any) -> bool:
    """Whether a value is valid against SCHEMA, without a validator."""
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return False
    ports = value.get("ports", [])
    return isinstance(ports, list) and all(type(port) is int and port >= 1 for port in ports)


def follow(document: Any, pointer: str) -> Any:
    """Return what an RFC 6901 pointer leads to. Raises LookupError."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document


@given(contracts, st.sets(st.sampled_from(KEYS)), results)
def test_exactly_the_broken_promises_are_named(declared: list[Contract], demanded: set[str], result: Any) -> None:
    problems = check(declared, demanded, result)
    given = result.get("contracts") if isinstance(result, dict) else None
    given = {} if given is None else given
    if not isinstance(given, dict):
        assert [problem["pointer"] for problem in problems] == ["/result/contracts"]
        return
    required = demanded | {contract.key for contract in declared if contract.required}
    invalid = {c.key for c in declared if c.schema is not None and c.key in given and not keeps(given[c.key])}
    assert {problem["key"] for problem in problems} == (required - given.keys()) | invalid
    for problem in problems:
        missing = problem["key"] not in given
        assert problem["problem"]
        parent = problem["pointer"].rsplit("/", 1)[0] if missing else problem["pointer"]
        if not missing or given:
            follow({"result": result}, parent)


@given(results)
def test_what_is_published_is_what_the_result_carries(result: Any) -> None:
    carried = result.get("contracts") if isinstance(result, dict) else None
    assert published(result) == (carried if isinstance(carried, dict) else {})


def test_a_null_contract_is_there() -> None:
    assert check([Contract(key="k")], (), {"contracts": {"k": None}}) == []


def test_the_list_of_problems_has_an_end() -> None:
    bad = {"contracts": {"k": {"name": "x", "ports": [0] * 1000}}}
    assert len(check([Contract(key="k", schema=SCHEMA)], (), bad)) == MAX_PROBLEMS


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"$ref": "http://127.0.0.1:9/schema.json"}, "cannot be evaluated"),
        ({"$ref": "#/$defs/nobody"}, "cannot be evaluated"),
        ({"$ref": "#"}, "cannot be evaluated"),
        (False, "False schema"),
    ],
)
def test_schemas_that_lead_nowhere_refuse_and_ask_nobody(schema: Any, said: str) -> None:
    (problem,) = check([Contract(key="k", schema=schema)], (), {"contracts": {"k": 1}})
    assert said in problem["problem"]


@pytest.mark.parametrize(
    "schema", [{"type": "objekt"}, {"pattern": "("}, {"properties": []}, [], "string", {"multipleOf": 0}]
)
def test_declarations_that_are_no_schemas(schema: Any) -> None:
    (problem,) = check_declarations([Contract(key="k", schema=schema)])
    assert problem["pointer"] == "/structured_spec/contracts/0/schema"


def test_a_nested_bomb_is_no_schema() -> None:
    bomb: Any = {}
    for _ in range(5000):
        bomb = {"not": bomb}
    (problem,) = check_declarations([Contract(key="k", schema=bomb)])
    assert "deep" in problem["problem"]


def test_keys_are_declared_once_and_not_empty() -> None:
    problems = check_declarations([Contract(key="k"), Contract(key="k"), Contract(key="")])
    assert [problem["pointer"] for problem in problems] == [
        "/structured_spec/contracts/1/key",
        "/structured_spec/contracts/2/key",
    ]
