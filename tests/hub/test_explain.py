"""Explanations are made of the decision's own inputs, and every waiting task has a reason a program can read."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given

from corral_hub.dispatch.model import ServerView, Wanted
from corral_hub.tasks.explain import decision, waiting
from corral_hub.tasks.model import Edge, Unit, UnitState, Why
from corral_hub.tasks.moves import wanted as wanted_by
from corral_protocol.codec import encode
from corral_protocol.vocabulary import DependencyType, Phase, Reason, TaskStatus
from tests.hub.fleets import as_then, fleet_of, fleets, wanteds
from tests.hub.samples import NOW, by_hand, new_id, new_task, server


@given(fleets, wanteds)
def test_the_explanation_of_a_decision_is_the_decision(views: list[ServerView], wanted: Wanted) -> None:
    fleet = fleet_of(views)
    chosen = fleet.choose(wanted)
    assume(chosen is not None)
    assert chosen is not None
    task = new_task()
    unit = Unit(
        task_id=task.id,
        epoch=1,
        attempt=1,
        phase=Phase.EXECUTE,
        state=UnitState.OFFERED,
        managed=wanted.managed,
        offered_at=NOW,
        server_id=chosen.server.id,
        requirements=encode(wanted.requirements),
        fleet_id=chosen.fleet_id,
        loads=chosen.loads,
        score=chosen.score,
    )
    told = decision(task, unit, as_then(fleet.snapshot()[1], chosen.loads, views))
    assert told["recomputed_equal"] is True
    assert told["decision"]["chosen"] == told["servers"][0]["name"] or not told["servers"][0]["placeable"]
    best = next(row for row in told["servers"] if row["placeable"])
    assert (best["name"], best["score"]) == (chosen.server.name, chosen.score)
    assert len(told["servers"]) == len(views)
    for row in told["servers"]:
        failed = [part["rule"] for part in row["parts"] if part["kind"] == "hard" and not part["passed"]]
        assert row["eligible"] == (not failed)
        assert row["score"] == (sum(part["score"] for part in row["parts"]) if row["eligible"] else 0)


def test_a_decision_that_cannot_be_recomputed_says_so() -> None:
    task, view = new_task(), server()
    unit = Unit(
        task_id=task.id, epoch=1, attempt=1, phase=Phase.EXECUTE, state=UnitState.OFFERED, managed=True, offered_at=NOW,
        server_id=view.id, requirements={}, score=1000,
    )  # fmt: skip
    assert decision(task, unit, [view])["recomputed_equal"] is False
    assert decision(task, unit, [])["recomputed_equal"] is False


WAITING: list[tuple[str, list[ServerView], list[Reason]]] = [
    ("no server at all", [], [Reason.NO_SERVER_MATCHES]),
    ("none fits", [server(cordoned=True)], [Reason.NO_SERVER_MATCHES]),
    ("those that fit are offline", [server(connected=False), server(cordoned=True)], [Reason.NO_SERVER_ONLINE]),
    ("those that fit are busy", [server(used=1), server(connected=False)], [Reason.NO_CAPACITY]),
    ("it will be placed at once", [server()], []),
]


@pytest.mark.parametrize(("views", "codes"), [row[1:] for row in WAITING], ids=[row[0] for row in WAITING])
def test_why_a_ready_task_waits(views: list[ServerView], codes: list[Reason]) -> None:
    assert reasons(new_task(), (), views) == codes


def test_a_task_by_hand_waits_for_somebody() -> None:
    assert reasons(by_hand(), (), [server()]) == [Reason.MANUAL]


def test_a_backoff_is_a_reason() -> None:
    assert Reason.RETRY_BACKOFF in reasons(replace(new_task(), not_before=NOW), (), [server()])


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (TaskStatus.RUNNING, Reason.UPSTREAM_PENDING),
        (TaskStatus.FAILED, Reason.UPSTREAM_FAILED),
        (TaskStatus.CANCELLED, Reason.UPSTREAM_FAILED),
    ],
)
def test_upstreams_are_named(status: TaskStatus, code: Reason) -> None:
    upstream = replace(new_task("the first"), status=status)
    task = replace(new_task(), waiting_on=1)
    edge = Edge(id=new_id(), task_id=task.id, upstream=upstream.id, kind=DependencyType.BLOCKS)
    told = explained(task, [(edge, upstream)], [server()])
    first = told["waiting"][0]
    assert (first["code"], first["refs"]) == (code.value, [str(upstream.id)])
    assert "the first" in first["detail"]
    related = replace(edge, kind=DependencyType.RELATED)
    assert reasons(task, [(related, upstream)], [server()]) == []


@pytest.mark.parametrize("status", [TaskStatus.REVIEW, TaskStatus.NEEDS_HUMAN, TaskStatus.PLAN_REVIEW])
def test_what_waits_for_people_says_for_what(status: TaskStatus) -> None:
    why = Why(code=Reason.AWAITING_REVIEW, detail="the result waits for review", since=NOW)
    assert reasons(replace(new_task(), status=status, reason=why), (), []) == [Reason.AWAITING_REVIEW]


@pytest.mark.parametrize("status", [TaskStatus.RUNNING, TaskStatus.DONE, TaskStatus.FAILED, TaskStatus.CANCELLED])
def test_what_runs_or_has_ended_waits_for_nothing(status: TaskStatus) -> None:
    assert reasons(replace(new_task(), status=status), (), []) == []


def explained(task: Any, edges: Any, views: list[ServerView]) -> Any:
    return waiting(task, edges, views, wanted_by(task))


def reasons(task: Any, edges: Any, views: list[ServerView]) -> list[str]:
    return [reason["code"] for reason in explained(task, edges, views)["waiting"]]
