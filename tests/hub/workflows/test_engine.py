"""The engine on real PostgreSQL: one commit for what belongs together, and nothing that a restart forgets."""

import json
from datetime import timedelta
from typing import Any

import pytest

from corral_hub.db.database import Database
from corral_hub.errors import Conflict, NotFound
from corral_hub.workflows import facts as f
from corral_hub.workflows import placing
from corral_hub.workflows.orders import HoldNodes, LoseNodes
from corral_protocol.codec import encode
from corral_protocol.nodes import HeldNode, NodeAssigned, Sleep
from corral_protocol.vocabulary import ErrorClass
from tests.hub.workflows.mill import ANVIL, BELLOWS, Mill
from tests.hub.workflows.playing import graph_of

CHAIN = graph_of("a", {"id": "b", "parameters": {"x": "{{a.n}}"}}, edges="a>b")


async def test_a_run_from_its_start_to_its_end(database: Database) -> None:
    async with Mill(database) as mill:
        run = await mill.start(CHAIN)
        assert mill.assigned()["a"].idempotency_key == f"{run}/a"
        await mill.finish("a", {"n": 7})
        assert mill.assigned()["b"].parameters == {"x": 7}
        assert [source.id for source in mill.assigned()["b"].sources] == ["a"]
        await mill.finish("b", "done")
        assert await mill.status(run) == "completed"
        assert await mill.nodes(run) == {"a": "completed", "b": "completed"}
        assert await mill.history(run) == ["workflow_started", "node_completed", "node_completed"]
        row = await mill.rows.fetchrow("select * from workflow_runs where id = $1", run)
        assert row is not None
        assert json.loads(row["output"]) == {"b": "done"}
        assert row["ended_at"] is not None
        logs = await mill.rows.fetchval("select lines from node_logs where run_id = $1 and key = 'a'", run)
        assert json.loads(logs) == ["did a"]
        assert [event.status for event in mill.events] == ["running", "completed"]
        assert mill.engine.runs == {}


async def test_a_node_that_no_machine_can_run_waits_for_one_that_can(database: Database) -> None:
    async with Mill(database) as mill:
        run = await mill.start(graph_of({"id": "a", "type": "rare"}, {"id": "b", "type": "toil"}))
        assert set(mill.assigned()) == {"b"}
        await mill.finish("b")
        assert await mill.status(run) == "running"
        assert await mill.nodes(run) == {"a": "scheduled", "b": "completed"}


async def test_nodes_go_to_the_machine_with_the_fewest(database: Database) -> None:
    async with Mill(database, ANVIL, BELLOWS) as mill:
        await mill.start(graph_of(*(f"n{i}" for i in range(10))))
        places = [mill.where(f"n{i}") for i in range(10)]
        assert places.count(ANVIL.id) == places.count(BELLOWS.id) == 5


async def test_a_hub_that_restarts_goes_on_where_it_was(database: Database) -> None:
    async with Mill(database) as mill:
        run = await mill.start(CHAIN)
        await mill.finish("a", {"n": 7})
        held = mill.assigned()["b"]
    async with Mill(database) as again:
        await again.held(ANVIL, held)
        assert again.sent == []
        again.sent.append((ANVIL.id, held))
        await again.finish("b", "done")
        assert await again.status(run) == "completed"


async def test_what_a_machine_has_forgotten_is_given_out_again_and_fenced(
    database: Database,
) -> None:
    async with Mill(database) as mill:
        run = await mill.start(CHAIN)
        await mill.held(ANVIL)
        assert mill.assigned()["a"].attempt == 2
        with pytest.raises(Conflict, match="not yours"):
            await mill.finish("a", "late", attempt=1)
        await mill.finish("a", {"n": 1})
        await mill.finish("b")
        assert await mill.status(run) == "completed"


async def test_what_a_connected_machine_is_without_for_long_is_given_out_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Mill(database) as mill:
        await mill.start(graph_of("a", "b"))
        given = mill.assigned()
        await mill.held(ANVIL, given["b"], again=True)
        await mill.held(ANVIL, given["a"], given["b"], again=True)
        await mill.held(ANVIL, given["b"], again=True)
        assert mill.assigned()["a"].attempt == 1, "it may be on its way"
        monkeypatch.setattr(placing, "ON_ITS_WAY", timedelta(0))
        await mill.held(ANVIL, given["b"], again=True)
        assert (mill.assigned()["a"].attempt, mill.assigned()["b"].attempt) == (2, 1)


async def test_what_was_sent_while_a_machine_said_what_it_holds_is_not_given_out_again(database: Database) -> None:
    """On a new connection its reports come first: what follows from them is on its way when it says what it holds."""
    async with Mill(database) as mill:
        await mill.start(CHAIN)
        first = mill.assigned()["a"]
        sent = HeldNode(run_id=first.run_id, key=first.key, attempt=first.attempt)
        await mill.reactor.ask(HoldNodes(server_id=ANVIL.id, nodes=(), given={sent}))
        assert mill.assigned()["a"].attempt == 1
        assert mill.cancelled() == set()


async def test_what_a_machine_holds_without_having_been_given_it_is_stopped(database: Database) -> None:
    async with Mill(database) as mill:
        await mill.start(CHAIN)
        given = mill.assigned()["a"]
        await mill.held(ANVIL)
        await mill.held(ANVIL, given)
        assert mill.cancelled() == {"a"}


async def test_a_lost_machine_gives_its_nodes_to_another(database: Database) -> None:
    async with Mill(database, ANVIL, BELLOWS) as mill:
        await mill.start(graph_of("a"))
        lost = mill.where("a")
        mill.fleet.set_connected(lost, False)
        await mill.reactor.ask(LoseNodes(server_id=lost))
        assert mill.where("a") != lost
        assert mill.assigned()["a"].attempt == 2


async def test_a_retry_and_a_sleep_survive_a_restart(database: Database) -> None:
    sleepy = graph_of({"id": "a", "retry": {"max_attempts": 2, "backoff": 1.0}}, "b", "c", edges="b>c")
    async with Mill(database) as mill:
        run = await mill.start(sleepy)
        await mill.fail("a", ErrorClass.TIMEOUT)
        await mill.finish("b", wish=encode(Sleep(seconds=1.0, output={"slept": True})))
        assert await mill.nodes(run) == {"a": "scheduled", "b": "waiting", "c": "pending"}
    async with Mill(database) as again:
        await again.woken("a", "c")
        assert again.assigned()["a"].attempt == 2
        assert again.assigned()["c"].inputs == {"b": {"slept": True}}
        await again.finish("a")
        await again.finish("c")
        assert await again.status(run) == "completed"


async def test_what_has_failed_for_good_lies_among_the_dead_letters_with_its_input(database: Database) -> None:
    async with Mill(database) as mill:
        run = await mill.start(CHAIN)
        await mill.finish("a", {"n": 3})
        await mill.fail("b")
        assert await mill.status(run) == "failed"
        letter = await mill.rows.fetchrow("select * from dead_letters")
        assert letter is not None
        assert (letter["key"], letter["node_type"], letter["attempt"]) == ("b", "work", 1)
        assert json.loads(letter["parameters"]) == {"x": 3}
        assert json.loads(letter["inputs"]) == {"a": {"n": 3}}


async def test_cancelling_tells_the_machine_and_ends_the_run(database: Database) -> None:
    async with Mill(database) as mill:
        run = await mill.start(CHAIN)
        await mill.tell(run, f.Cancelled(reason="enough"))
        assert mill.cancelled() == {"a"}
        assert await mill.status(run) == "cancelled"
        with pytest.raises(NotFound):
            await mill.tell(run, f.Paused())


async def test_many_runs_share_commits_and_end_each_by_itself(database: Database) -> None:
    async with Mill(database) as mill:
        runs = [await mill.start(graph_of(f"only{i}")) for i in range(20)]
        for i in range(20):
            await mill.finish(f"only{i}")
        assert [await mill.status(run) for run in runs] == ["completed"] * 20


async def test_runs_in_flight_keep_the_version_that_they_began_with(database: Database) -> None:
    """500 runs of version 1 are under way when version 2 is published."""
    second = graph_of("a", {"id": "b", "parameters": {"x": "two"}}, "extra", edges="a>b b>extra")
    async with Mill(database) as mill:
        workflow = await mill.publish(CHAIN)
        runs = [await mill.begin(workflow, 1, CHAIN) for _ in range(500)]
        await mill.publish_again(workflow, 2, second)
        newest = await mill.begin(workflow, 2, second)
    async with Mill(database) as mill:  # the restart reads every definition anew
        await mill.work_off(lambda key, given: {"n": given.run_id})
        for run in runs:
            assert await mill.nodes(run) == {"a": "completed", "b": "completed"}
        assert await mill.nodes(newest) == dict.fromkeys(("a", "b", "extra"), "completed")
        assert {await mill.status(run) for run in [*runs, newest]} == {"completed"}
        rows = await mill.rows.fetch("select run_id, parameters from node_runs where key = 'b'")
        given = {row["run_id"]: json.loads(row["parameters"])["x"] for row in rows}
        assert given == {**{run: str(run) for run in runs}, newest: "two"}


@pytest.mark.parametrize("point", range(12))
async def test_a_restart_at_any_point_changes_no_result(database: Database, point: int) -> None:
    """Before and after each node of a diamond with a loop in it, the hub forgets everything but the database."""
    graph = graph_of(
        "s",
        {"id": "each", "each": {"items": "{{s.items}}", "concurrency": 2}, "parameters": {"n": "{{item}}"}},
        {"id": "flaky", "retry": {"max_attempts": 2, "backoff": 0.0}},
        {"id": "end", "parameters": {"all": "{{each.items}}", "one": "{{flaky}}"}},
        edges="s>each s>flaky each>end flaky>end",
    )

    def outcome(key: str, given: NodeAssigned) -> Any:
        if key == "s":
            return {"items": [1, 2, 3]}
        if key == "flaky" and given.attempt == 1:
            return ErrorClass.TIMEOUT
        return dict(given.parameters) if key == "end" else key

    async with Mill(database) as mill:
        run = await mill.start(graph)
        await mill.work_off(outcome, steps=point)
    async with Mill(database) as again:
        await again.work_off(outcome)
        assert await again.status(run) == "completed"
        output = await again.rows.fetchval("select output from workflow_runs where id = $1", run)
        assert json.loads(output) == {"end": {"all": ["each[0]", "each[1]", "each[2]"], "one": "flaky"}}
        letters = await again.rows.fetchval("select count(*) from dead_letters")
        assert letters == 0
