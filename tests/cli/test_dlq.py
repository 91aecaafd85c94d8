"""dlq …: what is asked of the hub, what is printed, and that nothing goes away unasked."""

from typing import Any

import pytest

from tests.cli.conftest import Corral
from tests.cli.desk import sitting
from tests.cli.flow import AT, RUN_ID, keeping, node, run
from tests.cli.hub import Answer, FakeHub, Request, problem

HOSTILE = "\x1b]52;c;x\x07"
LETTER: dict[str, Any] = {
    "id": 7, "run_id": RUN_ID, "workflow_id": 4, "workflow": "release", "key": "build", "node_type": "shell",
    "attempt": 3, "error": {"kind": "timeout", "message": f"late {HOSTILE}"}, "replays": 1, "replay_run_id": None,
    "created_at": AT, "last_error_at": AT, "inputs": {"s": {"branch": "main"}}, "parameters": {"command": "make"},
}  # fmt: skip
ONE = "/api/v1/dead-letters/7"
LIST = "GET /api/v1/dead-letters"


def test_a_list_goes_on_page_by_page(person: Corral, hub: FakeHub) -> None:
    def page(request: Request) -> object:
        after, limit = (int(request.query[name]) for name in ("after", "limit"))
        found = [{**LETTER, "id": n} for n in range(after + 1, min(after + limit, 700) + 1)]
        return {"dead_letters": found, "next": found[-1]["id"] if found else after}

    hub.answers[LIST] = page
    keeping(hub)
    told = person("dlq", "list", "--workflow", "release", "--node-type", "shell", "--limit", "2")
    assert hub.requests[-1].query == {"workflow": "4", "node_type": "shell", "after": "0", "limit": "2"}
    assert "timeout: late" in told.out and "\x1b" not in told.out + told.err
    assert "--after 2" in told.err
    assert person("dlq", "list", "--limit", "0", "-q").out.split() == [str(n) for n in range(1, 701)]
    assert person("dlq", "list", "--after", "690", "--json").json["next"] == 700
    assert person("dlq", "list", "--workflow", "nope").code == 3


def test_no_dead_letters_is_good_news(person: Corral, hub: FakeHub) -> None:
    hub.answers[LIST] = {"dead_letters": [], "next": 0}
    told = person("dlq", "list")
    assert (told.code, told.out) == (0, "") and "nothing has failed for good" in told.err


def test_counts_are_told_by_what_they_count(person: Corral, hub: FakeHub) -> None:
    found = {"total": 3, "by_workflow": {"4": 3}, "by_node_type": {"shell": 1, "set": 2}, "by_error": {"timeout": 3}}
    hub.answers[f"{LIST}/stats"] = found
    told = person("dlq", "stats")
    rows = [line.split() for line in told.out.splitlines()[1:]]
    assert rows == [["workflow", "4", "3"], ["node", "type", "set", "2"], ["node", "type", "shell", "1"],
                    ["error", "timeout", "3"]]  # fmt: skip
    assert "3 in all" in told.err
    assert person("dlq", "stats", "--json").json == found


def test_a_page_shows_the_input_and_what_may_be_done(person: Corral, hub: FakeHub) -> None:
    hub.answers[f"GET {ONE}"] = LETTER
    told = person("dlq", "show", "7")
    assert "main" in told.out and "make" in told.out and "3f2a1b2c" in told.out and "\x1b" not in told.out
    assert "corral dlq replay 7" in told.err
    assert person("dlq", "show", "7", "--json").json == LETTER
    hub.answers["GET /api/v1/dead-letters/8"] = problem(404, "dead_letter_not_found", "there is no dead letter 8")
    assert person("dlq", "show", "8").code == 3
    assert person("dlq", "show", "x").code == person("dlq", "show", "0").code == 2


def test_a_replay_is_a_run_that_may_be_watched(person: Corral, hub: FakeHub) -> None:
    hub.answers[f"POST {ONE}/replay"] = Answer(201, run("running", node("build", "running")))
    hub.answers[f"GET /api/v1/runs/{RUN_ID}"] = run("completed", node("build"))
    keeping(hub)
    assert "corral run watch 3f2a1b2c" in person("dlq", "replay", "7").out
    assert person("dlq", "replay", "7", "-q").out == f"{RUN_ID}\n"
    assert person("dlq", "replay", "7", "--watch", "--json").json["status"] == "completed"
    hub.answers[f"GET /api/v1/runs/{RUN_ID}"] = run("failed", node("build", "failed"), failed="build")
    assert person("dlq", "replay", "7", "--watch").code == 1


def test_nothing_goes_away_without_a_yes(person: Corral, hub: FakeHub) -> None:
    hub.answers[f"GET {ONE}"] = LETTER
    hub.answers[f"DELETE {ONE}"] = Answer(204, None)
    told = person("dlq", "remove", "7")
    assert told.code == 2 and "unconfirmed" in told.err and not hub.asked(f"DELETE {ONE}")
    assert person("dlq", "remove", "7", "--yes").out == "Removed dead letter 7 (node build of release).\n"
    assert person("dlq", "remove", "7", "-y", "--json").json == {"id": 7, "removed": True}


def test_a_person_is_asked(hub: FakeHub) -> None:
    hub.answers[f"GET {ONE}"] = {**LETTER, "workflow": f"a{HOSTILE}"}
    hub.answers[f"DELETE {ONE}"] = Answer(204, None)
    with sitting("dlq", "remove", "7", CORRAL_HUB_URL=hub.url, CORRAL_TOKEN="jwt") as desk:
        asked = desk.sees(b"[y/N]")
        assert b"\x1b]52" not in asked
        desk.type(b"n\r")
        assert desk.ends() == 2
    assert not hub.asked(f"DELETE {ONE}")


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (("--all",), {"all": True}),
        (("--workflow", "release"), {"workflow": 4, "all": False}),
        (("--node-type", "set", "--older-than", "36h"), {"node_type": "set", "older_than_hours": 36.0, "all": False}),
    ],
)
def test_what_is_purged_is_what_was_said(person: Corral, hub: FakeHub, words: Any, body: Any) -> None:
    keeping(hub)
    hub.answers["POST /api/v1/dead-letters/purge"] = {"removed": 2}
    assert person("dlq", "purge", *words).code == 2
    assert not hub.asked("POST /api/v1/dead-letters/purge")
    assert person("dlq", "purge", *words, "--yes").out == "Removed 2 dead letters.\n"
    assert hub.requests[-1].body == body


@pytest.mark.parametrize("words", [(), ("--all", "--node-type", "set"), ("--older-than", "soon")])
def test_a_purge_that_is_not_clear_is_none(person: Corral, hub: FakeHub, words: tuple[str, ...]) -> None:
    assert person("dlq", "purge", *words, "--yes").code == 2
    assert not hub.asked("POST /api/v1/dead-letters/purge")


def test_the_shell_is_offered_letters(person: Corral, hub: FakeHub) -> None:
    hub.answers[LIST] = {"dead_letters": [LETTER], "next": 7}
    for verb in ("show", "replay", "remove"):
        assert "7\tbuild of release" in person("dlq", verb, "", _CORRAL_TAB="1").out.splitlines()
