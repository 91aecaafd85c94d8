"""The difference between two definitions, for a reader and for a machine."""

from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from corral_cli.workflow.changes import compare, lines

IDS = st.sampled_from("abcd")
VALUES = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["x", "y\nz", "y\nw"])
NODES = st.lists(
    st.fixed_dictionaries({"id": IDS, "type": st.just("t"), "parameters": st.dictionaries(IDS, VALUES, max_size=2)}),
    max_size=4,
    unique_by=lambda node: node["id"],
)
EDGES = st.lists(st.fixed_dictionaries({"source": IDS, "target": IDS}, optional={"condition": VALUES}), max_size=4)
DEFINITIONS = st.fixed_dictionaries({"nodes": NODES, "edges": EDGES, "name": VALUES})


def shown(before: dict[str, Any], after: dict[str, Any]) -> str:
    return "\n".join(text for text, _ in lines(compare(before, after)))


@given(DEFINITIONS)
def test_nothing_differs_from_itself(definition: dict[str, Any]) -> None:
    assert compare(definition, definition) == []


@given(DEFINITIONS, DEFINITIONS)
def test_the_way_back_undoes_the_way_there(before: dict[str, Any], after: dict[str, Any]) -> None:
    there = {(change.kind, change.name, change.how) for change in compare(before, after)}
    back = {(change.kind, change.name, change.how) for change in compare(after, before)}
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(kind, name, turned[how]) for kind, name, how in back} == there
    assert bool(there) == (keyed(before) != keyed(after))


def keyed(definition: dict[str, Any]) -> Any:
    """The definition as a comparison sees it: nodes by id, edges by their ends; True is not 1."""
    edges: dict[Any, list[Any]] = {}
    for edge in definition["edges"]:
        edges.setdefault((edge["source"], edge["target"]), []).append(sorted(map(repr, edge.items())))
    nodes = {node["id"]: sorted(map(repr, node["parameters"].items())) for node in definition["nodes"]}
    return repr(definition["name"]), nodes, edges


def test_a_change_is_read_at_a_glance() -> None:
    before = {
        "name": "r", "nodes": [
            {"id": "old", "type": "shell"},
            {"id": "build", "type": "shell", "timeout": 5, "parameters": {"command": "make\nls\n", "n": [1, {"a": 1}]}},
        ], "edges": [{"source": "old", "target": "build"}],
    }  # fmt: skip
    after = {
        "name": "r2", "nodes": [
            {"id": "build", "type": "shell", "join": "any",
             "parameters": {"command": "make -j\nls\n", "n": [1, {"a": 2}]}},
            {"id": "new", "type": "http", "label": "Fetch", "parameters": {"url": "http://x"}},
        ], "edges": [{"source": "build", "target": "new", "source_handle": "error", "otherwise": True}],
    }  # fmt: skip
    assert shown(before, after).splitlines() == [
        "~ workflow",
        '    ~ name: "r" → "r2"',
        "- node old  (shell)",
        "~ node build  (shell)",
        '    + join: "any"',
        "    parameters.command:",
        "      @@ -1,2 +1,2 @@",
        "      -make",
        "      +make -j",
        "       ls",
        "    ~ parameters.n[1].a: 1 → 2",
        "    - timeout: 5",
        "+ node new  (http: Fetch)",
        '    + parameters.url: "http://x"',
        "- edge old → build",
        "+ edge build:error → new",
        "    + otherwise: true",
    ]


def test_hostile_values_stay_text() -> None:
    bad = "\x1b]52;c;x\x07\u202e"
    after = {"nodes": [{"id": bad, "type": bad, "label": bad, "parameters": {bad: bad, "b": f"{bad}\n{bad}"}}]}
    for old in ({"nodes": []}, {"nodes": [{"id": bad, "type": "x", "parameters": {"b": "1\n2"}}]}):
        assert not {"\x1b", "\x07", "\u202e"} & set(shown(old, after))
