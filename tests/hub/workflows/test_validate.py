"""Validation names everything that is wrong, each thing by its path."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from corral_hub.workflows.validate import find_problems
from corral_protocol.capabilities import NodeManifest

SHELL = NodeManifest(
    type="shell",
    parameters={
        "type": "object",
        "required": ["command"],
        "properties": {"command": {"type": "string"}, "timeout": {"type": "number", "minimum": 1}},
    },
)
CATALOGUE = {"shell": SHELL, "start": NodeManifest(type="start")}


def problems(*nodes: dict[str, Any], edges: Any = (), **rest: Any) -> dict[str, str]:
    _, found = find_problems({"nodes": list(nodes), "edges": list(edges), **rest}, CATALOGUE)
    return {problem.path: problem.code for problem in found}


def test_a_sound_definition_has_no_problems() -> None:
    a, b = {"id": "a", "type": "start"}, {"id": "b", "type": "shell", "parameters": {"command": "ls {{a.x}}"}}
    assert problems(a, b, edges=[{"source": "a", "target": "b"}]) == {}


def test_ids_and_ends_are_checked_first() -> None:
    nodes = [{"id": id, "type": "start"} for id in ("a", "a", "", "x[1]", "n\n")]
    edges = [{"source": "a", "target": "gone"}, {"source": "nobody", "target": "a"}]
    assert problems(*nodes, edges=edges) == {
        "/nodes/0/id": "duplicate_id", "/nodes/1/id": "duplicate_id", "/nodes/2/id": "bad_id", "/nodes/3/id": "bad_id",
        "/nodes/4/id": "bad_id", "/edges/0/target": "dangling_edge", "/edges/1/source": "dangling_edge",
    }  # fmt: skip


def test_a_cycle_is_told_by_its_nodes() -> None:
    """S9."""
    nodes = [{"id": id, "type": "start"} for id in "abc"]
    edges = [{"source": "a", "target": "b"}, {"source": "b", "target": "c"}, {"source": "c", "target": "b"}]
    _, found = find_problems({"nodes": nodes, "edges": edges}, CATALOGUE)
    assert [problem.code for problem in found] == ["cycle"]
    assert "b → c → b" in found[0].problem


def test_types_and_parameters_are_held_against_the_manifest() -> None:
    found = problems(
        {"id": "a", "type": "nope"},
        {"id": "b", "type": "shell"},
        {"id": "c", "type": "shell", "parameters": {"command": "", "timeout": 0}},
        {"id": "d", "type": "shell", "parameters": {"command": "x", "timeout": "{{a.t}}", "unknown": 1}},
        {"id": "e", "type": "shell", "disabled": True},
    )
    assert found == {
        "/nodes/0/type": "unknown_type",
        "/nodes/1/parameters/command": "missing_parameter",
        "/nodes/2/parameters/command": "missing_parameter",
        "/nodes/2/parameters/timeout": "bad_parameter",
    }


def test_figures_have_limits() -> None:
    retry, each = {"max_attempts": 0}, {"items": [], "concurrency": 0}
    node = {"id": "a", "type": "start", "timeout": -1.0, "retry": retry, "each": each}
    assert set(problems(node).values()) == {"out_of_range"}
    assert len(problems(node)) == 3


def test_templates_that_stand_for_nothing_are_warned_of() -> None:
    nodes = [
        {"id": "a", "type": "shell", "label": "One", "parameters": {"command": "{{two.x}} {{thre.y}} {{inputs.z}}"}},
        {"id": "b", "type": "start", "label": "Two"},
    ]
    _, found = find_problems({"nodes": nodes, "edges": [{"source": "a", "target": "b"}]}, CATALOGUE)
    assert [(problem.code, problem.warning) for problem in found] == [("too_early", True), ("unknown_name", True)]


def test_an_edge_is_conditional_or_otherwise() -> None:
    condition = {"field": "x", "operator": "exists"}
    edge = {"source": "a", "target": "a", "condition": condition, "otherwise": True}
    assert problems({"id": "a", "type": "start"}, edges=[edge]) == {"/edges/0": "two_conditions"}


def test_nothing_at_all_is_no_workflow() -> None:
    assert problems() == {"/nodes": "empty"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["nodes", "edges", "id", "type", "source", "target", "each", "retry", "condition", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_value_makes_it_raise(value: Any) -> None:
    find_problems(value, CATALOGUE)
