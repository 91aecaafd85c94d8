"""What takes time in a run: retries, waits, lost hosts, pauses, cancelling, and items one after the other."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from corral_hub.workflows import commands as c
from corral_hub.workflows import facts as f
from corral_hub.workflows.decide import MOST_ASKED
from corral_hub.workflows.run import Why
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import ErrorClass, NodeStatus, RunStatus
from tests.hub.workflows.playing import NOON, Play, graph_of

TWICE = {"max_attempts": 3, "backoff": 2.0, "factor": 2.0}


def test_a_failed_attempt_is_tried_again_later_with_the_same_idempotency_key() -> None:
    """S7."""
    play = Play(graph_of({"id": "a", "retry": TWICE}))
    first = play.executed["a"]
    play.fail("a", ErrorClass.TIMEOUT)
    assert play.active == set()
    assert play.run.nodes["a"].why is Why.RETRY_BACKOFF
    assert play.said(c.Wake) == [c.Wake(key="a", attempt=2, at=NOON + timedelta(seconds=2))]
    play.wait(2).feed(f.Due(key="a", attempt=2))
    second = play.executed["a"]
    assert (second.attempt, second.idempotency_key) == (2, first.idempotency_key)
    play.fail("a")
    assert play.said(c.Wake)[-1].at == NOON + timedelta(seconds=6)
    play.wait(4).feed(f.Due(key="a", attempt=3)).fail("a")
    assert play.run.status is RunStatus.FAILED
    assert [command.attempt for command in play.said(c.Bury)] == [3]


@given(backoff=st.floats(0, 100), asked=st.floats(0, 1e9), chance=st.floats(0, 1, exclude_max=True))
def test_who_was_asked_to_wait_waits_so_long_at_least(backoff: float, asked: float, chance: float) -> None:
    play = Play(graph_of({"id": "a", "retry": {"max_attempts": 2, "backoff": backoff}}))
    error = UnitError(kind=ErrorClass.UNAVAILABLE, message="busy", retry_after=asked)
    play.feed(f.Failed(key="a", attempt=1, error=error, chance=chance))
    waits = (play.said(c.Wake)[-1].at - NOON).total_seconds()
    assert min(asked, MOST_ASKED) <= waits + 1e-5
    assert waits <= max(backoff * 1.1, MOST_ASKED * 1.1) + 1e-5


def test_what_an_old_attempt_says_changes_nothing() -> None:
    play = Play(graph_of({"id": "a", "retry": TWICE})).fail("a")
    before = play.run
    play.feed(f.Completed(key="a", attempt=1, output="late"), f.Started(key="a", attempt=1), f.Lost(key="a", attempt=1))
    assert play.run == before
    play.feed(f.Completed(key="a", attempt=2, output="early"))
    assert play.run == before


def test_a_due_that_nobody_waits_for_changes_nothing() -> None:
    play = Play(graph_of("a"))
    before = play.run
    assert play.feed(f.Due(key="a", attempt=1), f.Due(key="zzz", attempt=1)).run == before


def test_a_lost_host_costs_no_attempt_of_the_policy_and_has_an_end() -> None:
    play = Play(graph_of("a"))
    for losses in range(1, 6):
        play.feed(f.Lost(key="a", attempt=losses))
        assert play.executed["a"].attempt == losses + 1
    play.feed(f.Lost(key="a", attempt=6))
    assert play.run.status is RunStatus.FAILED
    assert play.run.nodes["a"].error is not None
    assert play.run.nodes["a"].error.kind is ErrorClass.LOST_HOST


def test_a_node_that_waits_takes_no_slot_and_goes_on_with_the_answer() -> None:
    play = Play(graph_of("ask", "other", "then", edges="ask>then", concurrency=1))
    assert play.active == {"ask"}
    play.feed(f.Started(key="ask", attempt=1), f.Suspended(key="ask", attempt=1, wish={"approval": "ship it?"}))
    assert play.run.nodes["ask"].status is NodeStatus.WAITING
    assert play.said(c.Fulfil) == [c.Fulfil(key="ask", attempt=1, wish={"approval": "ship it?"})]
    assert play.active == {"other"}
    play.feed(f.Completed(key="ask", attempt=1, output={"approved": True}))
    play.complete("other")
    assert play.executed["then"].inputs == {"ask": {"approved": True}}


def test_a_paused_run_begins_nothing_and_finishes_what_runs() -> None:
    play = Play(graph_of("a", "b", edges="a>b")).feed(f.Paused())
    play.complete("a")
    assert play.run.status is RunStatus.PAUSED
    assert play.active == set()
    assert play.feed(f.Continued()).active == {"b"}


def test_cancelling_stops_what_runs_waits_or_backs_off() -> None:
    """S22."""
    play = Play(graph_of("runs", "waits", {"id": "backs", "retry": TWICE}, "next", edges="runs>next"))
    play.feed(f.Suspended(key="waits", attempt=1, wish={})).fail("backs").feed(f.Cancelled(reason="enough"))
    assert play.run.status is RunStatus.CANCELLED
    assert {(stop.key, stop.attempt) for stop in play.said(c.Stop)} == {("runs", 1), ("waits", 1), ("backs", 2)}
    assert set(play.statuses.values()) == {"cancelled"}
    before = play.run
    assert play.complete("runs").feed(f.Due(key="backs", attempt=2)).run == before
    assert len(play.said(c.End)) == 1


def test_each_runs_a_node_per_item_a_few_at_a_time_and_keeps_their_order() -> None:
    each = {"items": "{{list.all}}", "concurrency": 2}
    node = {"id": "work", "each": each, "parameters": {"n": "{{item.n}}", "i": "{{index}}"}}
    play = Play(graph_of("list", node, "after", edges="list>work work>after"))
    play.complete("list", output={"all": [{"n": 10}, {"n": 20}, {"n": 30}]})
    assert play.active == {"work[0]", "work[1]"}
    assert play.executed["work[1]"].parameters == {"n": 20, "i": 1}
    assert play.executed["work[1]"].idempotency_key == "r1/work[1]"
    play.complete("work[1]", output="b")
    assert play.active == {"work[0]", "work[2]"}
    play.complete("work[2]", output="c").complete("work[0]", output="a")
    assert play.executed["after"].inputs == {"work": {"items": ["a", "b", "c"], "count": 3}}


def test_each_over_nothing_is_complete_at_once() -> None:
    play = Play(graph_of({"id": "work", "each": {"items": []}}, "after", edges="work>after"))
    assert play.executed["after"].inputs == {"work": {"items": [], "count": 0}}


def test_each_over_what_is_no_list_fails_and_says_what_it_got() -> None:
    play = Play(graph_of({"id": "work", "each": {"items": "{{inputs.x}}"}}), inputs={"x": {"a": 1}})
    assert play.run.status is RunStatus.FAILED
    error = play.run.nodes["work"].error
    assert error is not None
    assert error.kind is ErrorClass.BAD_INPUT
    assert "dict, no list" in error.message


def test_an_item_that_fails_stops_the_others() -> None:
    play = Play(graph_of({"id": "work", "each": {"items": [1, 2, 3], "concurrency": 2}}))
    play.fail("work[0]")
    assert play.said(c.Stop) == [c.Stop(key="work[1]", attempt=1)]
    assert play.run.nodes["work[1]"].why is Why.ITEM_FAILED
    assert play.run.status is RunStatus.FAILED
    assert [command.key for command in play.said(c.Bury)] == ["work[0]"]


def test_an_item_whose_failure_is_caught_leaves_its_error_in_its_place() -> None:
    play = Play(graph_of({"id": "work", "each": {"items": [1, 2]}, "on_error": "continue"}))
    play.fail("work[0]").complete("work[1]", output="ok")
    assert play.run.status is RunStatus.COMPLETED
    assert play.run.nodes["work"].output == {
        "items": [{"error": {"kind": "exit_nonzero", "message": "no"}}, "ok"],
        "count": 2,
    }


def test_an_item_is_tried_again_like_any_node() -> None:
    play = Play(graph_of({"id": "work", "each": {"items": [1]}, "retry": TWICE}))
    play.fail("work[0]").wait(2).feed(f.Due(key="work[0]", attempt=2))
    assert play.complete("work[0]", output=9).run.nodes["work"].output == {"items": [9], "count": 1}
