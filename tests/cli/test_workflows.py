"""workflow …: what is asked of the hub, what is printed, which exit code tells how it went."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Corral
from tests.cli.flow import DEFINITION, RUN_ID, WORKFLOW, judging, keeping, node, problem_of, run
from tests.cli.hub import FakeHub, problem

FILE = "name: release\nnodes:\n  - id: a\n    type: shell\n"


@pytest.fixture
def file(home: Path) -> str:
    (home / "release.yaml").write_text(FILE)
    return "release.yaml"


def test_problems_stand_at_their_lines(person: Corral, hub: FakeHub, file: str) -> None:
    judging(hub, problem_of("/nodes/0/type"), problem_of("/nodes/0/parameters", "unknown_name", warning=True))
    told = person("workflow", "validate", file)
    assert (told.code, told.out.splitlines()) == (1, [
        "release.yaml:4: /nodes/0/type: it is unknown_type [unknown_type]",
        "    next: do better",
        "release.yaml:3: /nodes/0/parameters: warning: it is unknown_name [unknown_name]",
        "    next: do better",
    ])  # fmt: skip
    assert "1 problems, 1 warnings" in told.err
    assert [found["line"] for found in person("workflow", "validate", file, "--json").json["problems"]] == [4, 3]
    assert person("workflow", "validate", file, "-q").out == ""
    judging(hub, problem_of("/nodes/0/parameters", warning=True))
    assert person("workflow", "validate", file).code == 0


def test_of_a_translation_no_line_is_claimed(person: Corral, hub: FakeHub, file: str) -> None:
    judging(hub, problem_of("/nodes/0/type"), format="machina")
    assert person("workflow", "validate", file).out.startswith("release.yaml: /nodes/0/type")


def test_what_cannot_be_read_never_reaches_the_hub(person: Corral, hub: FakeHub, home: Path) -> None:
    (home / "list.yaml").write_text("- a\n")
    (home / "bad.yaml").write_text("a: [")
    for name, code in (("list.yaml", "no_workflow"), ("bad.yaml", "bad_yaml"), ("none.yaml", "unreadable_file")):
        told = person("workflow", "apply", name, "--json")
        assert (told.code, told.json["error"]["code"]) == (2, code)
    assert not hub.requests


def test_applying_creates_changes_or_leaves_alone(person: Corral, hub: FakeHub, file: str) -> None:
    judging(hub)
    hub.answers["POST /api/v1/workflows"] = lambda request: keeping(hub, **request.body) or WORKFLOW
    assert "created" in person("workflow", "apply", file).out
    assert hub.asked("POST /api/v1/workflows")[0].body["name"] == "release"
    assert "unchanged" in person("workflow", "apply", file).out
    keeping(hub)
    hub.answers["PATCH /api/v1/workflows/4"] = lambda request: {**WORKFLOW, **request.body}
    assert person("workflow", "apply", file).out == "release (4): updated.\n"
    assert hub.asked("PATCH /api/v1/workflows/4")[0].body == {
        "definition": {"name": "release", "nodes": [{"id": "a", "type": "shell"}]}
    }


def test_applying_publishes_what_is_not_published_yet(person: Corral, hub: FakeHub) -> None:
    judging(hub)
    keeping(hub)
    hub.answers["POST /api/v1/workflows/4/publish"] = {"workflow_id": 4, "number": 3}
    words = ["workflow", "apply", "-", "--name", "release", "--publish", "--note", "n"]
    assert person(*words, stdin=json.dumps(DEFINITION)).out == (
        "release (4): unchanged, version 2 is published already.\n"
    )
    keeping(hub, version=None)
    assert "published as version 3" in person(*words, stdin=json.dumps(DEFINITION)).out
    assert [request.body for request in hub.asked("POST /api/v1/workflows/4/publish")] == [{"note": "n"}]


@pytest.mark.parametrize(("code", "publish", "kept"), [("unknown_type", True, 1), ("malformed", False, 1)])
def test_what_is_unfit_changes_nothing(
    person: Corral, hub: FakeHub, file: str, code: str, publish: bool, kept: int
) -> None:
    judging(hub, problem_of("/nodes/0/type", code))
    told = person("workflow", "apply", file, *(["--publish"] if publish else []))
    assert told.code == 1 and "release.yaml:4:" in told.err and "nothing was changed" in told.err
    assert len(hub.requests) == kept


def test_a_draft_may_have_problems_and_tells_them(person: Corral, hub: FakeHub, file: str) -> None:
    judging(hub, problem_of("/nodes/0/type"))
    keeping(hub)
    hub.answers["PATCH /api/v1/workflows/4"] = WORKFLOW
    told = person("workflow", "apply", file)
    assert told.code == 0 and "it is unknown_type" in told.err


def test_a_name_is_needed_and_must_be_one(person: Corral, hub: FakeHub) -> None:
    judging(hub)
    assert "no_name" in person("workflow", "apply", "-", stdin="nodes: []\n").err
    hub.answers["GET /api/v1/workflows/4"] = WORKFLOW
    assert "bad_name" in person("workflow", "apply", "-", "--name", "4", stdin="nodes: []\n").err


def test_exports_carry_the_name_and_no_secret_signs(person: Corral, hub: FakeHub) -> None:
    keeping(hub, name="a\x1b[2Jb")
    told = person("workflow", "export", "release").out
    assert told.startswith('name: "a\\e[2Jb"\n') and "\x1b" not in told
    as_json = person("workflow", "export", "release", "2", "--format", "json")
    assert (
        as_json.json == {"name": "a\x1b[2Jb", **DEFINITION}
        and as_json.out == person("workflow", "export", "release", "2", "--json").out
    )


def test_importing_reads_all_before_it_creates_one(person: Corral, hub: FakeHub, home: Path) -> None:
    judging(hub, problem_of("/steps/0", "renamed", warning=True), format="automateos")
    hub.answers["POST /api/v1/workflows"] = WORKFLOW
    (home / "a.json").write_text('{"steps": []}')
    assert person("workflow", "import", "a.json", "b.json").code == 2
    assert not hub.requests
    told = person("workflow", "import", "a.json", "--publish")
    assert told.out == "release (4): imported from a.json.\n" and "it is renamed" in told.err
    assert hub.requests[-1].body == {"definition": {"steps": []}, "publish": True, "name": "a"}
    assert person("workflow", "import", "a.json", "-q").out == "4\n"


def test_differences_are_shown_and_may_be_an_exit_code(person: Corral, hub: FakeHub, file: str) -> None:
    keeping(hub)
    assert person("workflow", "diff", "release", "--exit-code").code == 0
    judging(hub)
    told = person("workflow", "diff", "release", "--file", file, "--exit-code")
    assert told.code == 1 and "- node build  (shell: Build it)" in told.out and "+ node a  (shell)" in told.out
    assert {"removed", "added"} == {found["change"] for found in person(
        "workflow", "diff", "release", "--file", file, "--json").json}  # fmt: skip
    keeping(hub, version=None)
    assert "not_published" in person("workflow", "diff", "release").err


def test_a_list_and_a_page(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/workflows"] = [{**WORKFLOW, "name": "r\nx"}]
    keeping(hub, problems=[problem_of("/nodes/1/type")])
    assert "r\\x0ax" in person("workflow", "list").out
    shown = person("workflow", "show", "release").out
    assert "build  shell    Build it  after s" in shown and "faster" in shown and "/nodes/1/type: it is" in shown


def test_publishing_going_back_and_removing(person: Corral, hub: FakeHub) -> None:
    keeping(hub)
    for verb in ("publish", "rollback"):
        hub.answers[f"POST /api/v1/workflows/release/{verb}"] = {"workflow_id": 4, "number": 3}
    assert person("workflow", "publish", "release").out == "release: version 3 is published.\n"
    assert "version 1 is published again, as 3" in person("workflow", "rollback", "release", "1").out
    assert hub.requests[-1].body == {"number": 1}
    hub.answers["DELETE /api/v1/workflows/4"] = {}
    assert person("workflow", "rm", "release").code == 2
    assert person("workflow", "remove", "release", "--yes").out == "Removed release (4).\n"


@pytest.mark.parametrize(
    ("words", "stdin", "body"),
    [
        ([], "", {}),
        (["--input", "branch=main", "--input", "n=3"], "", {"inputs": {"branch": "main", "n": 3}}),
        (["--inputs", "-", "--input", "b=NaN"], "a: on\nb: 1\n", {"inputs": {"a": "on", "b": "NaN"}}),
        (["--inputs", "-"], "[1]", {"inputs": [1]}),
        (["2", "--trigger", "s"], "", {"trigger": "s", "version": 2}),
        (["--draft"], "", {"draft": True}),
        (["--draft", "--only", "build", "--input", "b=1"], "", {"draft": True, "only": "build", "inputs": {"b": 1}}),
    ],
)
def test_a_run_begins_with_its_inputs(
    person: Corral, hub: FakeHub, words: list[str], stdin: str, body: dict[str, Any]
) -> None:
    hub.answers["POST /api/v1/workflows/release/runs"] = run()
    told = person("workflow", "run", "release", *words, stdin=stdin)
    assert told.code == 0 and "corral run watch 3f2a1b2c" in told.out
    assert hub.requests[-1].body == body


def test_inputs_that_are_none_are_refused(person: Corral) -> None:
    assert person("workflow", "run", "release", "--input", "x").code == 2
    assert person("workflow", "run", "release", "--inputs", "-", "--input", "a=1", stdin="[1]").code == 2
    assert person("workflow", "run", "release", "--wait", "--watch").code == 2
    assert person("workflow", "run", "release", "2", "--draft").code == 2


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (run("completed", output={"a": 1}), 0),
        (run("failed", node("build", "failed", error={"kind": "bad_exit", "message": "x"}), failed="build"), 1),
        (run("cancelled"), 1),
        (run("running", node("ask", "waiting", wish={"type": "approve", "question": "Ship?"})), 6),
    ],
)
def test_waiting_exits_as_the_run_ended(person: Corral, hub: FakeHub, ended: dict[str, Any], code: int) -> None:
    hub.answers["POST /api/v1/workflows/release/runs"] = run()
    looks = iter([run(), run(), ended])
    hub.answers[f"GET /api/v1/runs/{RUN_ID}"] = lambda _: next(looks, ended)
    told = person("workflow", "run", "release", "--wait", "--json")
    assert told.code == code
    assert told.json.get("output") == ended["output"] if not code else told.json["error"]["details"]["run_id"] == RUN_ID


def test_refusals_keep_their_code_and_hint(person: Corral, hub: FakeHub) -> None:
    hub.answers["POST /api/v1/workflows/release/publish"] = problem(
        422, "invalid_workflow", "2 problems", "corral workflow validate names them all", problems=[problem_of("/a")]
    )
    told = person("workflow", "publish", "release")
    assert told.code == 1 and "invalid_workflow" in told.err and "it is unknown_type" in told.err
