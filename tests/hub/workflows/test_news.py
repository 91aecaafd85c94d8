"""What the world is told of runs: whole values, to who asks, and no work for nobody."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from corral_hub.accounts.model import Machine, Person, Principal, Role
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import LetterEvent, NodesEvent, RunEvent, ServerEvent, TokenEvent, WorkflowEvent
from corral_hub.db.database import Database
from corral_hub.errors import Conflict, Unprocessable
from corral_hub.gateway.viewer import BACKLOG, Viewer
from corral_hub.gateway.watched import MOST_RUNS, Watched
from corral_hub.workflows import facts as f
from corral_protocol.codec import decode_tagged, encode
from corral_protocol.nodes import Approve
from corral_protocol.viewers import TO_VIEWER, ViewerAuth
from corral_protocol.vocabulary import ErrorClass
from tests.hub.samples import PROJECT
from tests.hub.workflows.mill import ANVIL, Mill
from tests.hub.workflows.playing import graph_of

ADA = Person(id=UUID(int=1), email="ada@example.org", role=Role.ADMIN)
EVE = Person(id=UUID(int=2), email="eve@example.org", role=Role.VIEWER)
AT = datetime(2030, 1, 1, tzinfo=UTC)
ASKS = {"id": "b", "type": "work"}


def a_viewer(principal: Principal = ADA, **asked: Any) -> Viewer:
    async def identify() -> Principal:
        return principal

    return Viewer(principal, ViewerAuth(token="x", **asked), identify)


def told(viewer: Viewer) -> list[dict[str, Any]]:
    """Take everything it is due; each frame is a message of the protocol."""
    found: list[dict[str, Any]] = []
    while (frame := viewer.pull()) is not None:
        found.append(orjson.loads(frame))
        decode_tagged(TO_VIEWER, found[-1])
    return found


def run_event(**changes: Any) -> RunEvent:
    values: dict[str, Any] = {
        "project_id": PROJECT, "workflow_id": 1, "version": 1, "run_id": UUID(int=9), "number": 3, "status": "running",
        "trigger": None, "started_by": "ada", "parent_run_id": None, "failed": None, "created_at": AT,
        "finished_at": None, "at": AT,
    }  # fmt: skip
    return RunEvent(**values | changes)


async def test_a_list_hears_of_runs_and_who_watches_one_of_its_nodes(database: Database) -> None:
    async with Mill(database) as mill:
        listing, watching = a_viewer(), a_viewer()
        for viewer in (listing, watching):
            mill.bus.subscribe(RunEvent, viewer.offer)
        watched = Watched(mill.bus, watching.offer)
        run = await mill.start(graph_of("a", ASKS, edges="a>b"))
        await mill.start(graph_of("other"))
        watched.watch([str(run)])
        await mill.finish("a", {"n": 1})
        await mill.finish("b", wish=encode(Approve(question="ship?")))
        await mill.tell(run, f.Completed(key="b", attempt=1, output="yes"))
        assert [(m["type"], m["status"]) for m in told(listing)] == [
            ("run_event", "running"), ("run_event", "running"), ("run_event", "completed"),
        ]  # fmt: skip
        everything = told(watching)
        assert [(m["key"], m["lines"]) for m in everything if m["type"] == "run_lines"] == [
            ("a", ["did a"]), ("b", ["did b"]),
        ]  # fmt: skip
        seen = [m for m in everything if m["type"] != "run_lines"]
        assert [m["type"] for m in seen] == ["run_event", "run_event", *["run_nodes"] * 2, "run_event", "run_nodes"]
        nodes = [m for m in seen if m["type"] == "run_nodes"]
        states = [{n["key"]: (n["status"], n["server_id"], n["waits_for"]) for n in m["nodes"]} for m in nodes]
        anvil = str(ANVIL.id)
        assert states == [
            {"a": ("completed", anvil, None), "b": ("scheduled", anvil, None)},
            {"b": ("waiting", anvil, "approve")},
            {"b": ("completed", anvil, None)},
        ]
        assert [m["number"] for m in nodes] == [2, 3, 4]
        assert nodes[-1]["number"] == seen[-2]["number"]


async def test_what_dies_and_what_is_replayed_is_told(database: Database) -> None:
    async with Mill(database) as mill:
        letters: list[LetterEvent] = []
        mill.bus.subscribe(LetterEvent, letters.append)
        run = await mill.start(graph_of("a"))
        await mill.fail("a", ErrorClass.BAD_INPUT)
        assert [(event.event, event.run_id, event.key) for event in letters] == [("added", run, "a")]


async def test_of_nodes_that_nobody_watches_nothing_is_made(database: Database, monkeypatch: Any) -> None:
    async with Mill(database) as mill:

        def never(*_: object) -> None:
            raise AssertionError("nobody asked")

        monkeypatch.setattr("corral_hub.workflows.news.nodes_event", never)
        end = mill.bus.subscribe(NodesEvent, never, about=uuid4())
        await mill.start(graph_of("a"))
        end()
        assert not mill.bus.hears(NodesEvent)
        await mill.finish("a")
        assert [event.status for event in mill.events] == ["running", "completed"]


def test_who_may_see_a_project_hears_of_it_and_nobody_else() -> None:
    other = Machine(server_id=UUID(int=3), name="m", project_id=UUID(int=4))
    ours = Machine(server_id=UUID(int=3), name="m", project_id=PROJECT)
    event = run_event()
    nodes = NodesEvent(project_id=PROJECT, run_id=event.run_id, number=1, nodes=(), complete=True, at=AT)
    for fact in (event, nodes):
        assert [a_viewer(who).wants(fact) for who in (ADA, EVE, ours, other)] == [True, True, True, False]
    token = TokenEvent(event="used", token_id=UUID(int=5), project_id=None, server_id=UUID(int=6), at=AT)
    assert [a_viewer(who).wants(token) for who in (ADA, EVE, ours, other)] == [True, False, False, False]
    everywhere = ServerEvent(
        server_id=UUID(int=3), project_id=None, name="m", connected=True, status="online", cordoned=False,
        draining=False, version=1, removed=False, at=AT,
    )  # fmt: skip
    assert all(a_viewer(who).wants(everywhere) for who in (ADA, EVE, ours, other))


def test_a_viewer_hears_of_what_it_named() -> None:
    event = run_event()
    workflow = WorkflowEvent(
        event="published", project_id=PROJECT, workflow_id=1, name="w", version=2, actor="ada", at=AT
    )
    assert a_viewer(run_ids=(str(event.run_id),)).wants(event)
    assert not a_viewer(run_ids=(str(uuid4()),)).wants(event)
    assert not a_viewer(task_ids=(str(uuid4()),)).wants(event)
    assert not a_viewer(run_ids=(str(event.run_id),)).wants(workflow)
    assert a_viewer(project_id=str(PROJECT)).wants(workflow)
    assert not a_viewer(project_id=str(uuid4())).wants(workflow)


def test_a_slow_reader_is_told_to_read_again() -> None:
    viewer = a_viewer()
    for number in range(BACKLOG + 1):
        viewer.offer(run_event(number=number))
    viewer.offer(run_event(number=9999))
    assert [(m["type"], m.get("number")) for m in told(viewer)] == [("resync", None), ("run_event", 9999)]
    viewer.offer(run_event())
    assert [m["type"] for m in told(viewer)] == ["run_event"]


def test_runs_are_watched_within_bounds_and_let_go() -> None:
    bus, heard = Bus(), list[Any]()
    watched = Watched(bus, heard.append)
    one, two = uuid4(), uuid4()
    watched.watch([str(one)])
    watched.watch([str(one), str(two), str(two).upper()])
    assert bus.about(NodesEvent) == {one, two}
    with pytest.raises(Unprocessable):
        watched.watch(["no id"])
    with pytest.raises(Conflict):
        watched.watch([str(uuid4()) for _ in range(MOST_RUNS + 1)])
    assert bus.about(NodesEvent) == {one, two}, "a refusal changes nothing"
    watched.watch([str(two)])
    assert bus.about(NodesEvent) == {two}
    watched.close()
    assert not bus.hears(NodesEvent)
