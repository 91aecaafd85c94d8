"""wait, logs -f and questions: ended by a state, a person, a timeout; a hub that goes away is waited for."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Corral
from tests.cli.hub import Answer, FakeHub, Request, problem

TASK_ID = "3f2a0000-0000-4000-8000-000000000000"
OTHER_ID = "77c10000-0000-4000-8000-000000000000"
ROUTE = f"GET /api/v1/tasks/{TASK_ID}"


def task(status: str, **fields: Any) -> dict[str, Any]:
    return {"id": TASK_ID, "title": "Build it", "status": status, **fields}


def one_after_another(*answers: Any) -> Callable[[Request], Any]:
    """Give each answer once, the last one for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def test_wait_ends_with_the_state_and_tells_changes(person: Corral, hub: FakeHub) -> None:
    hub.answers[ROUTE] = one_after_another(*map(task, ("pending", "running", "running", "done")))
    told = person("task", "wait", TASK_ID, "--timeout", "1m")
    assert (told.code, told.out) == (0, "")
    assert [line.split()[1] for line in told.err.splitlines()] == ["pending", "running", "done"]


def test_wait_as_json_is_data_alone(person: Corral, hub: FakeHub) -> None:
    hub.answers[ROUTE] = one_after_another(task("pending"), task("done"))
    told = person("task", "wait", TASK_ID, "--json")
    assert (told.code, told.err, told.json["status"]) == (0, "", "done")


@pytest.mark.parametrize(
    ("status", "options", "code", "error"),
    [
        ("failed", [], 1, "task_failed"),
        ("cancelled", [], 1, "task_cancelled"),
        ("needs_human", [], 6, "needs_human"),
        ("plan_review", [], 6, "needs_human"),
        ("review", ["--until", "review"], 0, None),
        ("cancelled", ["--until", "ended"], 0, None),
        ("done", ["--until", "running"], 0, None),
        ("running", ["--timeout", "0s"], 124, "timeout"),
        ("review", ["--patient", "--timeout", "0s"], 124, "timeout"),
        ("running", ["--until", "finished"], 2, "usage"),
        ("running", ["--timeout", "later"], 2, "bad_duration"),
    ],
)
def test_wait_tells_by_its_exit_code(
    person: Corral, hub: FakeHub, status: str, options: list[str], code: int, error: str | None
) -> None:
    hub.answers[ROUTE] = task(status, error={"class": "exit_nonzero", "message": "exit code 3"})
    told = person("task", "wait", TASK_ID, *options, "--json")
    assert told.code == code
    assert told.json["error"].get("code") == error  # a task has an `error` too, without a code


def test_wait_for_several(person: Corral, hub: FakeHub) -> None:
    hub.answers[ROUTE] = one_after_another(task("running"), task("done"))
    hub.answers[f"GET /api/v1/tasks/{OTHER_ID}"] = {**task("done"), "id": OTHER_ID}
    assert person("task", "wait", TASK_ID, OTHER_ID, "-q").out.split() == [TASK_ID, OTHER_ID]
    hub.answers[f"GET /api/v1/tasks/{OTHER_ID}"] = {**task("failed"), "id": OTHER_ID}
    assert person("task", "wait", TASK_ID, OTHER_ID).code == 1


def test_a_hub_that_restarts_does_not_end_the_wait(person: Corral, hub: FakeHub) -> None:
    away = problem(503, "starting", "the hub is starting")
    hub.answers[ROUTE] = one_after_another(task("running"), away, Answer(502, "bad gateway"), task("done"))
    told = person("task", "wait", TASK_ID)
    assert told.code == 0
    assert told.err.count("waiting for it to come back") == 1 and "the hub is back" in told.err


def test_a_prefix_is_made_whole_once_because_the_socket_knows_only_whole_ids(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/tasks/3f2a"] = task("pending")
    hub.answers[ROUTE] = one_after_another(task("pending"), task("done"))
    assert person("task", "wait", "3f2a").code == 0
    assert len(hub.asked("GET /api/v1/tasks/3f2a")) == 1


def test_a_task_that_does_not_exist_is_not_waited_for(person: Corral, hub: FakeHub) -> None:
    assert person("task", "wait", "dead").code == 3


def chunk(number: int, data: bytes, **fields: Any) -> dict[str, Any]:
    text, encoded = data.decode(errors="replace"), base64.b64encode(data).decode()
    return {"id": number, "attempt": 1, "epoch": 1, "stream": "stdout", "text": text, "data": encoded, **fields}


def output_of(hub: FakeHub, *chunks: dict[str, Any]) -> None:
    def page(request: Request) -> dict[str, Any]:
        after = int(request.query["after"])
        found = [entry for entry in chunks if entry["id"] > after][: int(request.query["limit"])]
        return {"chunks": found, "next": found[-1]["id"] if found else None}

    hub.answers[f"{ROUTE}/output"] = page


def test_logs_into_a_pipe_are_the_bytes_that_were_printed(person: Corral, hub: FakeHub) -> None:
    output_of(hub, chunk(1, b"\x1b[31mred\xff"), chunk(2, b"\r\nend", stream="stderr"))
    assert person("task", "logs", TASK_ID, "-o", "ndjson").out.count("\n") == 2


def test_logs_follow_to_the_end_and_print_everything_once(person: Corral, hub: FakeHub) -> None:
    chunks = [chunk(number, f"line {number}\n".encode()) for number in range(1, 1203)]
    output_of(hub, *chunks)
    hub.answers[ROUTE] = one_after_another(task("running"), task("running"), task("done"))
    told = person("task", "logs", TASK_ID, "-f")
    assert told.code == 0
    assert told.out == "".join(f"line {number}\n" for number in range(1, 1203))


def test_logs_may_be_narrowed(person: Corral, hub: FakeHub) -> None:
    output_of(
        hub, chunk(1, b"first\n"), chunk(2, b"second\n", attempt=2), chunk(3, b"err\n", attempt=2, stream="stderr")
    )
    assert person("task", "logs", TASK_ID, "--attempt", "2", "--stream", "stderr").out == "err\n"
    told = person("task", "logs", TASK_ID)
    assert told.out == "first\nsecond\nerr\n"
    assert told.err == "--- attempt 2 ---\n"


def test_a_question_and_its_answer(agent: Corral, hub: FakeHub) -> None:
    asked = {"id": "i-1", "task_id": TASK_ID, "question": "Which?", "status": "pending", "response": None}
    hub.answers[f"POST /api/v1/server/tasks/{TASK_ID}/help"] = {
        "intervention_id": "i-1",
        "status": "pending",
        "task": task("needs_human"),
    }
    hub.answers["GET /api/v1/server/interventions"] = one_after_another(
        [asked], [asked], [{**asked, "status": "responded", "response": "The second."}]
    )
    told = agent("task", "help", TASK_ID, "--question", "Which?", "--wait", "--timeout", "1m")
    assert (told.code, told.out) == (0, "The second.\n")
    assert agent("intervention", "wait", "i-1").out == "The second.\n"
    assert agent("intervention", "wait", "i-9").code == 3
    assert hub.requests[0].body == {"question": "Which?", "intervention_type": "help"}
    hub.answers["POST /api/v1/server/interventions/i-1/respond"] = {**asked, "status": "responded"}
    assert agent("intervention", "respond", "i-1", "--response", "-", stdin="long answer").code == 0
    assert hub.requests[-1].body == {"response": "long answer"}
