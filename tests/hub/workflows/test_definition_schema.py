"""The published schema of a definition, and the page about it: both say what is really read."""

import re
from typing import Any

import hypothesis.strategies as st
import jsonschema
import pytest
import yaml
from hypothesis import given

from corral_daemon.nodes import shipped
from corral_hub.workflows.condition import OPERATORS
from corral_hub.workflows.drafts import read_draft
from corral_hub.workflows.reading import read_definition, write_definition
from corral_hub.workflows.schema import definition_schema
from corral_hub.workflows.validate import find_problems
from docs.flows import WORKFLOWS

CHECK = jsonschema.Draft202012Validator(definition_schema())
VALUES = st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=3)
QUESTIONS = st.fixed_dictionaries(
    {"operator": st.sampled_from([*OPERATORS, "nope"])}, optional={"field": st.text(max_size=3), "value": VALUES}
)
CONDITIONS = st.recursive(
    QUESTIONS, lambda inner: st.fixed_dictionaries({}, optional={"all": st.lists(inner, max_size=2)}), max_leaves=4
)
EDGES = st.fixed_dictionaries(
    {"source": st.just("a")}, optional={"target": st.just("b"), "condition": CONDITIONS, "otherwise": st.booleans()}
)
NODES = st.fixed_dictionaries(
    {"id": st.sampled_from("ab")},
    optional={
        "type": st.just("t"), "join": st.sampled_from(["all", "any", "some"]), "disabled": st.booleans(),
        "each": st.fixed_dictionaries({}, optional={"items": VALUES, "concurrency": VALUES}),
        "retry": st.fixed_dictionaries({}, optional={"max_attempts": st.integers(1, 3), "on": st.just(["timeout"])}),
        "requires": st.fixed_dictionaries({}, optional={"tags": st.just(["x"]), "repo": st.just("r")}),
        "timeout": st.integers(0, 3) | st.text(max_size=2),
        "parameters": st.dictionaries(st.text(), VALUES, max_size=2),
    },
)  # fmt: skip
DEFINITIONS = st.fixed_dictionaries(
    {}, optional={"nodes": st.lists(NODES, max_size=3), "edges": st.lists(EDGES, max_size=3), "concurrency": VALUES}
)


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(definition_schema())


@given(DEFINITIONS)
def test_what_the_schema_takes_is_read(value: dict[str, Any]) -> None:
    definition, problems = read_definition(value)
    if CHECK.is_valid(value):
        assert problems == []
    if not problems:
        assert CHECK.is_valid(write_definition(definition)), write_definition(definition)


@pytest.mark.parametrize(
    ("value", "path", "hint"),
    [
        ({"nodes": [{"id": "a", "type": "t", "paramaters": {}}]}, "/nodes/0/paramaters", "'parameters'"),
        ({"edges": [{"source": "a", "target": "a", "if": 1}]}, "/edges/0/if", "part"),
        ({"nodse": []}, "/nodse", "'nodes'"),
        ({"a/b~": 1}, "/a~1b~0", "nodes"),
    ],
)  # fmt: skip
def test_what_nobody_reads_is_named_and_stops_nobody(value: dict[str, Any], path: str, hint: str) -> None:
    found = [problem for problem in find_problems(value, {})[1] if problem.code == "unknown_field"]
    assert [(problem.path, problem.warning) for problem in found] == [(path, True)]
    assert hint in found[0].hint
    assert not CHECK.is_valid(value)


def test_an_editor_may_be_told_of_the_schema() -> None:
    value = {"$schema": "https://hub/api/v1/workflows/schema", "nodes": []}
    assert CHECK.is_valid(value)
    assert [problem.code for problem in find_problems(value, {})[1]] == ["empty"]


def test_the_example_of_the_page_can_be_published() -> None:
    text = "\n".join(re.findall(r"^ {4}(.*)$", WORKFLOWS, re.MULTILINE))
    value = yaml.safe_load(text)
    manifests = {kind.manifest.type: kind.manifest for kind in shipped()}
    draft = read_draft(value, manifests)
    assert draft.problems == ()
    assert CHECK.is_valid(value)
