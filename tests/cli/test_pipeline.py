"""pipeline create: local names become ids, the same key creates nothing twice, a failure can be resumed."""

import itertools
import json
from typing import Any

import pytest

from tests.cli.conftest import Corral
from tests.cli.hub import FakeHub, Request, problem

DOCUMENT = {
    "name": "release",
    "tasks": [
        {"id": "verify", "title": "Verify", "depends_on": ["api", {"task": "ui", "contract_key": "bundle"}]},
        {"id": "api", "title": "API", "contracts": [{"key": "api"}]},
        {"id": "ui", "title": "UI", "depends_on": ["api", "deadbeef"]},
    ],
}


@pytest.fixture
def creating(hub: FakeHub) -> FakeHub:
    numbers = itertools.count()

    def create(request: Request) -> dict[str, Any]:
        return {**request.body, "id": f"id-{next(numbers)}", "status": "pending"}

    hub.answers["POST /api/v1/tasks"] = create
    return hub


def test_a_graph_is_created_upstreams_first(person: Corral, creating: FakeHub) -> None:
    told = person("pipeline", "create", "--file", "-", "--key", "k1", stdin=json.dumps(DOCUMENT))
    assert told.code == 0
    assert [request.body["title"] for request in creating.requests] == ["API", "UI", "Verify"]
    assert [request.body["client_key"] for request in creating.requests] == [
        "pipeline:release:k1:api", "pipeline:release:k1:ui", "pipeline:release:k1:verify",
    ]  # fmt: skip
    assert creating.requests[1].body["dependencies"] == [
        {"depends_on_task_id": "id-0", "dependency_type": "blocks"},
        {"depends_on_task_id": "deadbeef", "dependency_type": "blocks"},
    ]
    assert creating.requests[2].body["dependencies"][1] == {
        "depends_on_task_id": "id-1", "dependency_type": "input", "contract_key": "bundle",
    }  # fmt: skip
    assert "release" in told.out and "Verify" in told.out


def test_without_a_key_every_run_makes_a_new_graph(person: Corral, creating: FakeHub) -> None:
    for _ in range(2):
        assert person("pipeline", "create", "--inline", json.dumps(DOCUMENT), "-q").out.count("\n") == 3
    assert len({request.body["client_key"] for request in creating.requests}) == 6


def test_a_dry_run_asks_nothing(corral: Corral, hub: FakeHub) -> None:
    told = corral("pipeline", "create", "--file", "-", "--dry-run", stdin=json.dumps(DOCUMENT))
    assert (told.code, hub.requests) == (0, [])
    assert "UI              pending   (also after deadbeef)" in told.out  # Verify comes after all others anyway


def test_toml(person: Corral, creating: FakeHub, home: Any) -> None:
    text = '[[tasks]]\nid = "a"\ntitle = "A"\n[[tasks]]\ntitle = "B"\ndepends_on = ["a"]\n'
    (home / "p.toml").write_text(text)
    assert person("pipeline", "create", "--file", "p.toml").code == 0
    assert person("pipeline", "create", "--file", "-", stdin=text).code == 0


def test_a_cycle_is_shown_and_nothing_created(person: Corral, creating: FakeHub) -> None:
    tasks = [{"id": "a", "title": "A", "depends_on": "b"}, {"id": "b", "title": "B", "depends_on": "a"}]
    told = person("pipeline", "create", "--inline", json.dumps({"tasks": tasks}), "--json")
    assert (told.code, creating.requests) == (2, [])
    assert told.json["error"]["details"]["path"] == ["a", "b", "a"]


def test_a_failure_tells_what_exists_and_how_to_go_on(person: Corral, creating: FakeHub) -> None:
    answers = iter(
        [{"id": "id-0", "title": "API", "status": "pending"}, problem(422, "unknown_dependency", "no task deadbeef")]
    )
    creating.answers["POST /api/v1/tasks"] = lambda _: next(answers)
    told = person("pipeline", "create", "--file", "-", "--key", "k1", stdin=json.dumps(DOCUMENT))
    assert told.code == 2
    assert "1 of 3 tasks exist already" in told.err and "--key k1" in told.err


@pytest.mark.parametrize(
    "words", [[], ["--file", "x", "--inline", "[]"], ["--file", "/nonexistent/file"], ["--inline", "{"]]
)
def test_wrong_input(person: Corral, words: list[str]) -> None:
    assert person("pipeline", "create", *words).code == 2
