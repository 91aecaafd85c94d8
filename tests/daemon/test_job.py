"""What a unit is asked to do: read, checked, judged, all without I/O."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.processes.ending import Exit
from corral_daemon.units.environment import inherited
from corral_daemon.units.job import Declined, Job, admit, read_job
from corral_daemon.units.outcome import UnitFailed, judge, merge_results, missing_contracts, plan_of, read_result
from corral_daemon.workspace.place import surplus
from corral_daemon.workspace.worktrees import Worktree, holder, parse
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import ErrorClass
from tests.daemon.runner_world import command, task

CANCELLED = UnitError(kind=ErrorClass.CANCELLED, message="no")


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        ({"run": {"kind": "teleport"}}, "/run/kind"),
        ({"run": {"kind": "command"}}, "/run/argv"),
        ({"run": {"kind": "command", "argv": ["a"], "shell": "b"}}, "/run/argv"),
        ({"run": {"kind": "command", "argv": []}}, "/run/argv"),
        ({"run": {"kind": "command", "argv": ["a\0b"]}}, "/run/argv"),
        ({"run": {"kind": "command", "argv": [1]}}, "/run/argv/0"),
        ({"run": {"kind": "command", "argv": ["a"], "timeout": 0}}, "/run/timeout"),
        ({"run": {"kind": "command", "argv": ["a"], "directory": "/etc"}}, "/run/directory"),
        ({"run": {"kind": "command", "argv": ["a"], "merge": True}}, "/run/merge"),
        ({"run": {"kind": "command", "argv": ["a"], "env": {"A=B": "c"}}}, "/run/env/A=B"),
        ({"run": {"kind": "agent"}}, "/run/agent"),
        ({"run": {"kind": "agent", "agent": "echo", "model": "--help"}}, "/run/model"),
        ({"run": []}, "/run"),
    ],
)
def test_what_cannot_be_read_is_declined_with_a_pointer(spec: Any, pointer: str) -> None:
    message = task()
    declined = read_job(type(message)(task_id="t", title="", structured_spec=spec))
    assert isinstance(declined, Declined)
    assert declined.code == "bad_spec"
    assert declined.detail.startswith(f"structured_spec{pointer}: ")


def test_manual_work_is_declined() -> None:
    declined = read_job(task(run={"kind": "manual"}))
    assert isinstance(declined, Declined) and declined.code == "manual"


@given(st.text(min_size=1))
def test_the_name_of_a_task_is_safe_in_a_path(task_id: str) -> None:
    job = read_job(task(task_id, run=command("true")))
    assert isinstance(job, Job)
    assert all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in job.name + job.short)
    assert 0 < len(job.name) <= 64


@given(st.dictionaries(st.text(), st.text()), st.lists(st.text()))
def test_nothing_of_ours_is_inherited(environment: dict[str, str], prefixes: list[str]) -> None:
    own = {"CORRAL_SECRET": "x", "CORRAL_API_KEY": "y", "ORCHESTRATIA_API_KEY": "z", "PATH": "p"}
    found = inherited({**environment, **own}, prefixes)
    assert found["PATH"] == "p"
    assert not any(name.startswith(("CORRAL_", "ORCHESTRATIA_")) for name in found)


@given(st.booleans(), st.integers(0, 5), st.integers(1, 5), st.booleans())
def test_a_unit_is_taken_exactly_when_there_is_a_place(draining: bool, used: int, most: int, full: bool) -> None:
    job = read_job(task(run=command("true")))
    taken = admit(job, draining=draining, used=used, most=most, full=full)
    assert isinstance(taken, Job) is (not draining and used < most and not full)


@pytest.mark.parametrize(
    ("ended", "stop", "kind"),
    [
        (Exit(code=0), None, None),
        (Exit(code=0), CANCELLED, None),
        (Exit(code=0, ordered=True), CANCELLED, ErrorClass.CANCELLED),
        (Exit(code=3), None, ErrorClass.EXIT_NONZERO),
        (Exit(signal=9), None, ErrorClass.KILLED),
        (Exit(signal=9, ordered=True), CANCELLED, ErrorClass.CANCELLED),
        (Exit(lost=True), None, ErrorClass.KILLED),
        (Exit(lost=True), CANCELLED, ErrorClass.CANCELLED),
    ],
)
def test_why_a_unit_failed(ended: Exit, stop: UnitError | None, kind: ErrorClass | None) -> None:
    error = judge(ended, stop, b"last words")
    assert (error.kind if error else None) is kind


json_values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner))


@given(st.binary(max_size=200))
def test_a_result_is_json_or_unreadable(data: bytes) -> None:
    try:
        read_result(data)
    except UnitFailed as failure:
        assert failure.error.kind is ErrorClass.RESULT_UNREADABLE


@given(json_values)
def test_what_was_written_is_read(value: Any) -> None:
    assert read_result(json.dumps(value).encode()) == value


def test_what_was_written_comes_before_what_was_said() -> None:
    assert merge_results(None, {"summary": "s"}) == {"summary": "s"}
    assert merge_results({"contracts": {}}, {"summary": "s", "x": 1}) == {"contracts": {}, "summary": "s"}
    assert merge_results({"summary": "mine"}, {"summary": "s"}) == {"summary": "mine"}
    assert merge_results([1], {"summary": "s"}) == [1]


def test_contracts_and_plans() -> None:
    assert missing_contracts(("a", "b"), {"contracts": {"b": None}}) == ("a",)
    assert missing_contracts(("a",), "text") == ("a",)
    assert plan_of({"plan": [1]}) == [1]
    assert plan_of({"summary": "s"}) == {"summary": "s"}


@given(st.dictionaries(st.text(min_size=1), st.floats(0, 9)), st.sets(st.text(min_size=1)), st.integers(0, 5))
def test_the_newest_and_the_live_stay(ages: dict[str, float], live: set[str], keep: int) -> None:
    removed = surplus(ages.items(), live, keep)
    stay = [name for name in ages if name not in removed and name not in live]
    assert not set(removed) & live
    assert len(stay) == min(keep, len([name for name in ages if name not in live]))
    assert all(ages[name] >= ages[other] for name in stay for other in removed)


def test_the_list_of_worktrees() -> None:
    text = "worktree /a b\0HEAD 1\0branch refs/heads/main\0\0worktree /c\0HEAD 2\0detached\0\0worktree /d\0bare\0\0"
    assert parse(text) == [Worktree("/a b", "refs/heads/main"), Worktree("/c", None)]
    assert holder(parse(text), "refs/heads/main") == Worktree("/a b", "refs/heads/main")
    assert holder(parse(text), "refs/heads/other") is None
