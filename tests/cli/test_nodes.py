"""node list, show, new: what there is, and one more of it in one file."""

import ast
from pathlib import Path

import pytest

from corral_daemon.nodes import Catalogue
from corral_protocol.codec import encode
from tests.cli.conftest import Corral
from tests.cli.hub import FakeHub

SHELL = {
    "type": "shell", "title": "Shell", "category": "system", "description": "Runs a line.\nMore.", "aliases": ["sh"],
    "trigger": None, "handles": ["main"], "needs": [],
    "parameters": {"type": "object", "required": ["command"], "properties": {
        "command": {"type": "string", "description": "a line\x1b[2J"},
        "timeout": {"type": "number", "default": 30.0, "minimum": 1}, "unit": {"type": "string", "enum": ["a", "b"]}}},
    "result": {"properties": {"stdout": {"type": "string"}}},
}  # fmt: skip


def test_types_are_listed_and_shown(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/node-types"] = {"node_types": [SHELL, {"type": "x", "category": "data"}]}
    assert "Runs a line." in person("node", "list").out and "More." not in person("node", "list").out
    assert person("node", "list", "--category", "data", "-q").out == "x\n"
    shown = person("node", "show", "sh").out
    assert "command  string, required: a line\\x1b[2J" in shown and "timeout  number, default 30.0, at least 1" in shown
    assert "unit     a|b" in shown and "stdout  string" in shown and "command: …" in shown
    told = person("node", "show", "nope")
    assert told.code == 3 and "corral node new" in told.err


def test_what_an_object_holds_is_told_and_what_of_the_environment_is_needed(person: Corral, hub: FakeHub) -> None:
    kind = {kind.manifest.type: kind.manifest for kind in Catalogue().read().values()}["openaiChatModel"]
    hub.answers["GET /api/v1/node-types"] = {"node_types": [encode(kind)]}
    shown = " ".join(person("node", "show", "openaiChatModel").out.split())
    assert "model string, required" in shown
    assert "options.maxTokens integer, default 4096, at least 1" in shown
    assert "options.responseFormat text|json_object" in shown
    assert "needs OPENAI_API_KEY or OPENAI_BASE_URL" in shown


def test_a_new_node_is_one_the_daemon_takes(corral: Corral, home: Path) -> None:
    told = corral(
        "node", "new", "acme.wordCount", "--parameter", "text:str", "--parameter", "lowest:int=1", "--parameter",
        "loud:bool=false", "--parameter", "more:json=[1]", "--parameter", "near:float=2", "--title", 'Count "words"',
        "--install", CORRAL_HOME=str(home / "corral"),
    )  # fmt: skip
    path = home / "corral" / "nodes" / "acme_word_count.py"
    assert told.code == 0 and str(path) in told.out and "corral node show acme.wordCount" in told.out
    kind = Catalogue(path.parent).read()["acme.wordCount"].manifest
    assert (kind.title, kind.category, kind.parameters["required"]) == ('Count "words"', "own", ["text"])
    properties = kind.parameters["properties"]
    assert {name: about.get("default") for name, about in properties.items()} == {
        "text": None, "lowest": 1, "loud": False, "more": [1], "near": 2,
    }  # fmt: skip
    assert kind.description


@pytest.mark.parametrize("name", ["class", "node", "x", "A1", "http-Get", "x" * 60])
def test_any_name_makes_a_file_that_loads(corral: Corral, home: Path, name: str) -> None:
    assert corral("node", "new", name).code == 0
    (file,) = home.glob("*.py")
    assert ast.parse(file.read_text())
    assert name in Catalogue(home).read()


def test_a_file_elsewhere_is_told_where_to_go(corral: Corral, home: Path) -> None:
    told = corral("node", "new", "wordCount", CORRAL_DAEMON_CONFIG=str(home / "etc" / "daemon.toml"))
    assert (home / "word_count.py").exists() and f"looks in {home / 'etc' / 'nodes'}" in told.out
    again = corral("node", "new", "wordCount")
    assert again.code == 5 and "--force" in again.err
    assert corral("node", "new", "wordCount", "--force", "--json").json["path"] == "word_count.py"


@pytest.mark.parametrize(
    "words",
    [
        ["../x"], ["a b"], ["1x"], ["x" * 61], ["n", "--parameter", "import"], ["n", "--parameter", "a:list"],
        ["n", "--parameter", "a:int=x"], ["n", "--parameter", "a:int=true"], ["n", "--parameter", "a-b"],
        ["n", "--parameter", '_x:str="'], ["n", "--parameter", "a:bool=1"],
    ],
)  # fmt: skip
def test_what_makes_no_file_is_said(corral: Corral, home: Path, words: list[str]) -> None:
    assert corral("node", "new", *words).code == 2
    assert not list(home.glob("**/*.py"))
