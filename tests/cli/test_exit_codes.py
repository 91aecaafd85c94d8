"""Exit codes are a published table; every refusal of the hub lands on the right one and says what to do next."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_cli.errors import EXIT_CODES, CliError
from corral_cli.problem import HINTS, read_problem
from tests.cli.conftest import Corral
from tests.cli.hub import Answer, FakeHub, problem


def leaves(kind: type[CliError]) -> list[type[CliError]]:
    return [kind, *(leaf for below in kind.__subclasses__() for leaf in leaves(below))]


def test_every_error_has_a_documented_exit_code_and_a_hint() -> None:
    documented = {int(code) for code, _ in EXIT_CODES}
    assert {leaf.exit_code for leaf in leaves(CliError)} <= documented
    assert all(leaf("x").hint for leaf in leaves(CliError) if leaf.__module__ == CliError.__module__)


def test_the_table_is_that_of_the_conventions(corral: Corral) -> None:
    assert [int(code) for code, _ in EXIT_CODES] == [0, 1, 2, 3, 4, 5, 6, 7, 75, 124, 130]
    out = corral("--help").out
    assert all(meaning in out for _, meaning in EXIT_CODES)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (problem(400, "bad_request", "no"), 2),
        (problem(401, "bad_token", "no"), 4),
        (problem(403, "forbidden", "no"), 4),
        (problem(404, "unknown_task", "no"), 3),
        (problem(409, "illegal_transition", "no", legal_moves=["cancelled"]), 5),
        (problem(409, "stale_epoch", "no"), 5),
        (problem(409, "ambiguous_id", "no", candidates=["a", "b"]), 2),
        (problem(409, "ambiguous_name", "2 workflows are called that"), 2),
        (problem(413, "too_large", "no"), 2),
        (problem(422, "invalid", "no"), 2),
        (problem(422, "contract_unfulfilled", "no", problems=[{"pointer": "/contracts/api", "detail": "missing"}]), 1),
        (problem(429, "too_many_attempts", "no"), 75),
        (problem(500, "internal", "no"), 1),
        (problem(503, "starting", "no"), 75),
        (Answer(502, "<html>bad gateway</html>"), 7),
        (Answer(504, "gateway timeout"), 7),
        (Answer(200, "<html>another program</html>"), 7),
        (Answer(302, "", {"Location": "http://elsewhere/"}), 7),
        (Answer(404, {"detail": "Not Found"}), 3),
        (Answer(422, {"detail": [{"loc": ["body", "title"], "msg": "too long"}]}), 2),
    ],
)
def test_an_answer_becomes_an_exit_code(person: Corral, hub: FakeHub, answer: Answer, code: int) -> None:
    hub.answers["GET /api/v1/tasks/abcd"] = answer
    told = person("task", "show", "abcd")
    assert (told.code, told.out) == (code, "")
    assert told.err.startswith("corral: ") and "\n  next: " in told.err

    asked = person("task", "show", "abcd", "--json")
    assert (asked.code, asked.err) == (code, "")
    error = asked.json["error"]
    assert set(error) >= {"code", "message", "hint", "retryable"}
    assert error["exit_code"] == code
    assert all(error[name] for name in ("code", "message", "hint"))


def test_extras_of_a_refusal_are_shown(person: Corral, hub: FakeHub) -> None:
    problems = [{"pointer": "/contracts/api/url", "detail": "is not a string"}]
    hub.answers["POST /api/v1/tasks/abcd/complete"] = problem(422, "contract_unfulfilled", "not yet", problems=problems)
    told = person("task", "complete", "abcd", "--result", "{}")
    assert "/contracts/api/url  is not a string" in told.err
    hub.answers["GET /api/v1/tasks/abcd"] = problem(409, "ambiguous_id", "two", candidates=["abcd1", "abcd2"])
    assert "candidates: abcd1, abcd2" in person("task", "show", "abcd").err
    assert person("--json", "task", "show", "abcd").json["error"]["details"]["candidates"] == ["abcd1", "abcd2"]


def test_what_the_message_says_is_not_said_twice(person: Corral, hub: FakeHub) -> None:
    one = {"pointer": "/password", "problem": "is too short"}
    hub.answers["GET /api/v1/tasks/abcd"] = problem(422, "invalid", "/password: is too short", problems=[one])
    assert person("task", "show", "abcd").err.count("too short") == 1
    moves = ["assigned", "failed"]
    hub.answers["GET /api/v1/tasks/abcd"] = problem(409, "illegal", "no", "legal: assigned, failed", legal_moves=moves)
    assert person("task", "show", "abcd").err.count("assigned, failed") == 1


def test_a_hub_that_is_not_there(corral: Corral) -> None:
    told = corral("task", "list", CORRAL_HUB_URL="http://127.0.0.1:9", CORRAL_TOKEN="t")  # port 9: discard, closed
    assert told.code == 7
    assert "cannot be reached" in told.err and "corral up" in told.err


def test_nobody_logged_in(corral: Corral) -> None:
    told = corral("task", "list")
    assert told.code == 4
    assert "corral login" in told.err


@pytest.mark.parametrize(
    "words", [["nonsense"], ["task", "lst"], ["task", "list", "--nope"], ["task", "list", "--limit", "x"], ["task"]]
)
def test_a_wrong_command_line(corral: Corral, words: list[str]) -> None:
    assert corral(*words).code == 2


def test_a_wrong_command_line_is_json_too(corral: Corral) -> None:
    told = corral("task", "lst", "--json")
    assert (told.code, told.err) == (2, "")
    assert told.json["error"]["code"] == "usage"
    assert "list" in told.json["error"]["message"]


def test_retry_after_reaches_the_person(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/me"] = Answer(
        429, problem(429, "too_many_attempts", "slow down").body, {"Retry-After": "17"}
    )
    assert "17 s" in person("whoami").err


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["detail", "code", "hint", "title", "x"]), inner)
    ),
)


@given(st.integers(300, 599), BODIES)
def test_no_answer_is_too_strange(status: int, body: object) -> None:
    error = read_problem(status, body)
    assert error.message and error.hint and error.code
    assert error.as_json()["error"]["exit_code"] in {int(code) for code, _ in EXIT_CODES}


def test_local_hints_are_sentences() -> None:
    assert all(hint.endswith(".") for hint in HINTS.values())
