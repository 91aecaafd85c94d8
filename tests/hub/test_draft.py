"""From a request to a task: what is wrong is named, all of it; equal requests have equal fingerprints."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.errors import Unprocessable
from corral_hub.tasks.draft import fingerprint, read_machine
from corral_hub.tasks.model import PlanMode, Policy
from corral_protocol.vocabulary import TaskStatus
from tests.hub.samples import NOW, by_hand, new_task

numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)

WRONG = [
    ({"run": {"kind": "teleport"}}, ["/structured_spec/run/kind"]),
    ({"run": {"kind": "command"}}, ["/structured_spec/run/argv"]),
    ({"run": {"kind": "command", "argv": ["a"], "shell": "a"}}, ["/structured_spec/run/argv"]),
    ({"run": {"kind": "command", "argv": []}}, ["/structured_spec/run/argv"]),
    ({"run": {"kind": "agent"}}, ["/structured_spec/run/agent"]),
    ({"run": {"directory": "moon"}}, ["/structured_spec/run/directory"]),
    ({"run": {"timeout": 0}}, ["/structured_spec/run/timeout"]),
    ({"run": {"merge": True}}, ["/structured_spec/run/merge"]),
    ({"run": {"argv": "ls"}}, ["/structured_spec/run/argv"]),
    ({"run": []}, ["/structured_spec/run"]),
    ({"requires": {"languages": "python"}}, ["/structured_spec/requires/languages"]),
    ({"requirements": {"languages": ["python"]}}, ["/structured_spec/requirements"]),
    ({"requirements": [{"description": "fast"}, "small"]}, ["/structured_spec/requirements/1"]),
    ({"on_upstream_failure": "cry"}, ["/structured_spec/on_upstream_failure"]),
    ({"contracts": [{"schema": {}}]}, ["/structured_spec/contracts/0/key"]),
    ({"contracts": [{"key": "k", "schema": {"type": 1}}]}, ["/structured_spec/contracts/0/schema"]),
    ({"retry": {"max_attempts": 0}}, ["/structured_spec/retry"]),
    ({"retry": {"backoff": -1}}, ["/structured_spec/retry"]),
    ({"retry": {"max_attempts": 1001}}, ["/structured_spec/retry"]),
    ({"requires": {"tags": [f"tag {number}" for number in range(1000)]}}, ["/structured_spec/requires"]),
    ({"requires": {"repo": "x" * 5000}}, ["/structured_spec/requires"]),
    (
        {"run": {"kind": "x", "timeout": -1}, "contracts": [{"key": ""}], "retry": {"factor": 0}},
        [
            "/structured_spec/run/kind",
            "/structured_spec/run/timeout",
            "/structured_spec/contracts/0/key",
            "/structured_spec/retry",
        ],
    ),
]


@pytest.mark.parametrize(("spec", "pointers"), WRONG)
def test_every_problem_is_named(spec: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(Unprocessable) as refusal:
        read_machine(spec)
    assert refusal.value.code == "invalid_spec"
    assert [problem["pointer"] for problem in refusal.value.extras["problems"]] == pointers


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4))
def test_a_spec_is_read_or_refused_never_anything_else(spec: dict[str, Any]) -> None:
    try:
        read_machine(spec)
    except Unprocessable as refusal:
        assert refusal.extras["problems"]


def test_a_task_as_it_begins() -> None:
    task = new_task(note="kept as it came", review=True, target_repo="shop")
    assert (task.status, task.attempt, task.epoch, task.waiting_on) == (TaskStatus.PENDING, 1, 0, 0)
    assert task.created_at == task.updated_at == NOW
    assert task.auto and task.machine.review
    assert task.structured_spec["note"] == "kept as it came"
    assert task.requirements.repo == "shop"
    assert by_hand(target_repo="shop").requirements.repo is None
    assert by_hand(target_repo="shop", requires={"repo": "shop"}).requirements.repo == "shop"
    assert task.request_hash is None


@pytest.mark.parametrize(
    ("project", "task", "mode"),
    [
        (False, None, PlanMode.OFF),
        (True, None, PlanMode.REQUIRED),
        (True, False, PlanMode.OFF),
        (False, True, PlanMode.REQUIRED),
    ],
)
def test_the_task_decides_about_plans_then_the_project(project: bool, task: bool | None, mode: PlanMode) -> None:
    spec = {} if task is None else {"require_plan": task}
    assert new_task(policy=Policy(require_plan_approval=project), **spec).plan_mode is mode


def test_an_agent_task_asks_for_its_cli() -> None:
    asked = new_task(run={"kind": "agent", "agent": "echo"}).requirements
    assert asked.agent == "echo"


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_fingerprints_do_not_depend_on_the_order_of_keys(asked: dict[str, Any]) -> None:
    assert fingerprint(asked) == fingerprint(_reversed(json.loads(json.dumps(asked))))


@given(json_values, json_values)
def test_fingerprints_tell_requests_apart(one: Any, other: Any) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (fingerprint(one) == fingerprint(other)) == same


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value
