"""Options of `task create` → the request."""

from typing import Any

import pytest

from corral_cli.body import CreateOptions, create_body, dependencies_body, requirements_body
from corral_cli.errors import Usage


def body(structured: Any = None, whole: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    return create_body(CreateOptions(**{"title": "T", **options}), whole or {}, None, structured)


def test_a_title_is_enough() -> None:
    assert body() == {"title": "T"}


def test_words_behind_dashes_are_a_command() -> None:
    run = body(command=["make", "test"], repo="shop", timeout="10m", env=["A=1=2"])["structured_spec"]["run"]
    assert run == {
        "kind": "command", "argv": ["make", "test"], "directory": "worktree", "timeout": 600.0, "env": {"A": "1=2"},
    }  # fmt: skip


def test_without_a_repository_it_runs_in_an_empty_directory() -> None:
    assert body(shell="ls")["structured_spec"]["run"] == {"kind": "command", "shell": "ls", "directory": "scratch"}


def test_an_agent() -> None:
    run = body(agent="echo", prompt="hi", directory="repo")["structured_spec"]["run"]
    assert run == {"kind": "agent", "agent": "echo", "prompt": "hi", "directory": "repo"}


def test_an_agent_in_a_session() -> None:
    run = body(session="claude_code", repo="shop", model="m")["structured_spec"]["run"]
    assert run == {"kind": "session", "agent": "claude_code", "directory": "worktree", "model": "m"}
    with pytest.raises(Usage):
        body(session="echo", agent="echo")


def test_options_go_before_documents() -> None:
    whole = {"title": "old", "spec": "kept", "structured_spec": {"review": False, "x": 1}}
    made = body(whole=whole, title="new", review=True, contract=["api", "docs?"])
    assert made["title"] == "new" and made["spec"] == "kept"
    contracts = [{"key": "api", "required": True}, {"key": "docs", "required": False}]
    assert made["structured_spec"] == {"review": True, "x": 1, "contracts": contracts}


def test_dependencies() -> None:
    assert dependencies_body(["aaaa", "bbbb:related", "cccc:input:api"]) == [
        {"depends_on_task_id": "aaaa", "dependency_type": "blocks"},
        {"depends_on_task_id": "bbbb", "dependency_type": "related"},
        {"depends_on_task_id": "cccc", "dependency_type": "input", "contract_key": "api"},
    ]


def test_requirements_collect() -> None:
    words = ["languages=python,go", "language=c", "server=build-3", "tag=gpu"]
    assert requirements_body(words) == {"languages": ["python", "go", "c"], "server": "build-3", "tags": ["gpu"]}


@pytest.mark.parametrize(
    "options",
    [
        {"title": None}, {"title": " "}, {"command": ["ls"], "shell": "ls"}, {"prompt": "hi"}, {"merge": True},
        {"shell": "x", "timeout": "soon"}, {"shell": "x", "env": ["A"]}, {"depends_on": ["a:b"]},
        {"requires": ["colour=red"]}, {"requires": ["tags"]}, {"structured": []},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(Usage):
        body(**options)
