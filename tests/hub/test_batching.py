"""A batch is nothing but a saving: commands in one commit end as they would have ended one after another."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from corral_hub.errors import Refused
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.model import Task
from corral_protocol.vocabulary import DependencyType, Priority, UpstreamPolicy
from tests.hub.body import Body
from tests.hub.samples import ADMIN, NOW, by_hand

TASKS = 4
SPECS: tuple[dict[str, Any], ...] = (
    {},
    {"contracts": [{"key": "k"}]},
    {"on_upstream_failure": "fail", "review": True},
    {"on_upstream_failure": "skip", "require_plan": True, "retry": {"max_attempts": 2, "on": ["reported"]}},
)
RESULTS = (None, {"contracts": {"k": 1}}, {"contracts": {"k": "two"}})


def task_id(number: int) -> UUID:
    return UUID(int=50 + number)


def intervention_id(number: int) -> UUID:
    return UUID(int=90 + number)


def edge(number: int, upstream: int, kind: DependencyType) -> cmd.EdgeDraft:
    key = "k" if kind is DependencyType.INPUT else None
    return cmd.EdgeDraft(id=UUID(int=2000 + number), upstream=task_id(upstream), kind=kind, contract_key=key)


def make(number: int, kind: type, task: int, other: int, choice: int) -> cmd.Command:
    """Return a command made of a few small numbers."""
    about = {"task_id": task_id(task), "principal": ADMIN}
    result = RESULTS[choice % len(RESULTS)]
    arguments: dict[type, dict[str, Any]] = {
        cmd.SubmitPlan: {"plan": {"summary": str(choice)}},
        cmd.RevisePlan: {"feedback": str(choice)},
        cmd.SubmitReview: {"result": result},
        cmd.ReviseReview: {"feedback": str(choice)},
        cmd.Complete: {"result": result},
        cmd.Fail: {"error": str(choice)},
        cmd.Help: {"intervention_id": intervention_id(other), "question": str(choice)},
        cmd.Respond: {"intervention_id": intervention_id(other), "response": str(choice)},
        cmd.Cancel: {"reason": str(choice)},
        cmd.Update: {"changes": ({"title": str(choice)}, {"priority": Priority.HIGH})[choice % 2]},
        cmd.AddDependency: {"edge": edge(number, other, list(DependencyType)[choice % 3])},
        cmd.RemoveDependency: {"key": task_id(other)},
        cmd.AddNote: {"content": str(choice)},
    }
    return kind(**about, **arguments.get(kind, {}))


KINDS = (
    *(cmd.Assign, cmd.Start, cmd.Complete) * 3,
    *(cmd.AddDependency, cmd.RemoveDependency, cmd.Fail, cmd.Retry, cmd.Cancel, cmd.Help, cmd.Respond) * 2,
    *(cmd.SubmitPlan, cmd.ApprovePlan, cmd.RevisePlan, cmd.SubmitReview, cmd.ApproveReview, cmd.ReviseReview),
    *(cmd.Update, cmd.AddNote),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), *[st.integers(0, TASKS - 1)] * 2, st.integers(0, 5)), min_size=2, max_size=25
)


def beginning() -> Body:
    body = Body()
    for number in range(TASKS):
        body.ask(cmd.Create(task=by_hand(str(number), id=task_id(number), **SPECS[number]), principal=ADMIN))
    return body


def timeless(task: Task) -> Task:
    stamps = {name: getattr(task, name) and NOW for name in ("assigned_at", "started_at", "completed_at", "not_before")}
    reason = task.reason and replace(task.reason, since=NOW)
    return replace(task, updated_at=NOW, reason=reason, **stamps)


def state(body: Body) -> dict[str, Any]:
    return {
        "tasks": {id: timeless(task) for id, task in body.tasks.items()},
        "edges": body.edges,
        "units": {key: (unit.state, unit.ended_at is None) for key, unit in body.units.items()},
        "questions": {id: (item.status, item.response) for id, item in body.interventions.items()},
        "log": [(line.event_type, line.task and line.task.title, line.details.get("status")) for line in body.log],
    }


def said(answer: Any) -> Any:
    return (type(answer), answer.code) if isinstance(answer, Refused) else type(answer)


@given(STEPS, st.data())
def test_commands_in_one_batch_end_as_one_after_another(
    steps: list[tuple[type, int, int, int]], data: st.DataObject
) -> None:
    commands = [make(number, *step) for number, step in enumerate(steps)]
    alone, together = beginning(), beginning()
    one_by_one = [said(alone.run([command])[0]) for command in commands]
    batched: list[Any] = []
    rest = list(commands)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        batched += [said(answer) for answer in together.run(rest[:size])]
        rest = rest[size:]
    assert batched == one_by_one
    assert state(together) == state(alone)


@given(STEPS)
def test_a_refused_command_leaves_nothing_behind(steps: list[tuple[type, int, int, int]]) -> None:
    """Also in the middle of a batch: with the refused ones taken out, the rest ends the same."""
    commands = [make(number, *step) for number, step in enumerate(steps)]
    everything, accepted = beginning(), beginning()
    answers = everything.run(commands)
    kept = [
        command
        for command, answer in zip(commands, answers, strict=True)
        if not isinstance(answer, Refused) or answer.code == "contract_unfulfilled"  # that one counts
    ]
    if kept:
        accepted.run(kept)
    assert state(everything) == state(accepted)


def test_policies_are_what_the_specs_say() -> None:
    policies = [task.machine.on_upstream_failure for task in beginning().tasks.values()]
    assert policies == [UpstreamPolicy.WAIT, UpstreamPolicy.WAIT, UpstreamPolicy.FAIL, UpstreamPolicy.SKIP]
