"""Files of definitions: what is written reads back, what is read has its lines, nothing in a file can hurt."""

import json
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_cli.errors import Usage
from corral_cli.workflow import document, written

ODD = [
    "on", "no", "1e3", "007", "~", "", "- a", "a: b", "a\nb", "\n", "x \ny", "<<", "=", "2020-01-01", "1:30", "0o7",
    "null", "\u202e", "\x85", "\ufeff", "a\tb", "\x1b[1m", "'", '"', "# x", "a #b", "!x", "&a", "*a", "%", "@", "`",
    "1_000", "0b1", "+1", ".5", "5.", "\r\n", ".inf", ".nan", "1e999", "a" * 300,
]  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(ODD)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_is_written_reads_back_and_steers_no_terminal(value: dict[str, Any]) -> None:
    for text, name in ((written.as_yaml(value), "a.yaml"), (written.as_json(value), "a.json")):
        assert document.read(text, name).value == value
        assert not {"\x1b", "\x85", "\u202e", "\ufeff"} & set(text)
    assert document.read(written.as_json(value), "a.yaml").value == value


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_the_order_of_keys_makes_no_difference(value: dict[str, Any]) -> None:
    def turned(part: Any) -> Any:
        if isinstance(part, list):
            return [turned(item) for item in part]
        return {name: turned(part[name]) for name in reversed(part)} if isinstance(part, dict) else part

    assert written.as_yaml(turned(value)) == written.as_yaml(value)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for name in ("a.yaml", "a.json", "-"):
        try:
            json.dumps(document.read(text, name).value, allow_nan=False)
        except Usage as error:
            assert error.hint and error.code in ("bad_yaml", "bad_json")


def test_a_definition_is_written_as_one_reads_it() -> None:
    edge = {"target": "b", "condition": {"value": 3, "operator": "gt", "field": "n"}, "source": "a"}
    node = {"parameters": {"z": 1, "command": "make\nmake test\n"}, "type": "shell", "id": "a"}
    assert written.as_yaml({"edges": [edge], "nodes": [node], "name": "no", "variables": {"b": 1, "a": "2"}}) == (
        "name: 'no'\n"
        "variables:\n  a: '2'\n  b: 1\n"
        "nodes:\n  - id: a\n    type: shell\n"
        "    parameters:\n      command: |\n        make\n        make test\n      z: 1\n"
        "edges:\n  - source: a\n    target: b\n"
        "    condition:\n      field: n\n      operator: gt\n      value: 3\n"
    )


def test_words_of_yaml_are_those_of_json() -> None:
    text = "a: on\nb: 2020-01-01\nc: 0o17\nd: 0x1f\ne: true\nf:\ng: 1:30\nh: 1.5e3\n1: x\ni: !!str 5\n"
    assert document.read(text, "a.yml").value == {
        "a": "on", "b": "2020-01-01", "c": 15, "d": 31, "e": True, "f": None, "g": "1:30", "h": 1500.0, "1": "x",
        "i": "5",
    }  # fmt: skip


def test_every_part_knows_its_line() -> None:
    text = "# a comment\nnodes:\n  - id: a\n    type: shell\n  - {id: b,\n     type: x}\n"
    found = document.read(text, "a.yaml")
    assert [found.line_of(path) for path in ("/nodes", "/nodes/0/type", "/nodes/1/type")] == [3, 4, 6]
    assert found.line_of("/nodes/0/parameters/command") == 3  # the node it is missing in
    assert found.line_of("") == found.line_of("/edges") == 2
    as_json = document.read('{\n\t"a/b": [1,\n\t2]\n}', "a.json")
    assert [as_json.line_of(path) for path in ("/a~1b/0", "/a~1b/1", "/c")] == [2, 3, 1]


def test_anchors_are_shared_texts_and_no_bombs() -> None:
    assert document.read("a: &x [1, {b: 2}]\nc: *x\n", "-").value == {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(9)
    )
    with pytest.raises(Usage, match="more than"):
        document.read(bomb, "bomb.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [*x]", "line 1"),
        ("a: 1\na: 2", "line 2: the key 'a' stands twice"),
        ("a: !!python/object/apply:os.system [ls]", "line 1: the tag"),
        ("a: 1\n---\nb: 2", "a second document"),
        ("b: {<<: {a: 1}}", "merge keys"),
        ("? [a]\n: 1", "a key must be a text"),
        ("a: [1", "in line 2, column 1"),
        ("\n\n  a: b\n c: d", "line 4"),
        ("a: " + "[" * 5000, "nested too deeply"),
        ("a:\n" + "".join(" " * n + "-\n" for n in range(1, 200)), "nested too deeply"),
    ],
)
def test_what_is_refused_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(Usage) as refused:
        document.read(text, "a.yaml")
    assert said in refused.value.message and refused.value.message.startswith("a.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [('{"a": 1, "a": 2}', "'a' stands twice"), ('{"a": NaN}', "NaN"), ("[" * 100_000, "nested"), ('{"a"', "line 1")],
)
def test_json_is_held_to_its_word(text: str, said: str) -> None:
    with pytest.raises(Usage, match=said):
        document.read(text, "a.json")
