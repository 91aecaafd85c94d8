"""run …: followed, steered, looked back at."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from corral_cli import clock, pulse
from tests.cli.conftest import Corral
from tests.cli.desk import sitting
from tests.cli.flow import AT, DEFINITION, RUN_ID, judging, keeping, node, run
from tests.cli.hub import Answer, FakeHub, Request, problem

ONE = f"/api/v1/runs/{RUN_ID}"
HOSTILE = "\x1b]52;c;x\x07"
ASKING = node("ask", "waiting", wish={"type": "approve", "question": "Ship it?"})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "FIRST", 0.005)
    monkeypatch.setattr(pulse, "LAST", 0.01)


def telling(hub: FakeHub, *answers: object) -> None:
    """Let the run be what these say, look by look; the last one stays."""
    left = list(answers)

    def next_one(_: Request) -> object:
        return left.pop(0) if len(left) > 1 else left[0]

    hub.answers[f"GET {ONE}"] = hub.answers["GET /api/v1/runs/3f2a"] = next_one
    keeping(hub)


def logging(hub: FakeHub, *pieces: tuple[str, tuple[str, ...]], dropped: int = 0) -> None:
    """Let the hub have these lines, piece by piece; a node is read with its items."""
    shown = [
        {"id": id, "key": key, "attempt": 1, "first": 1, "dropped": dropped, "lines": list(lines), "at": None}
        for id, (key, lines) in enumerate(pieces, 1)
    ]

    def answer(node: str | None) -> Callable[[Request], object]:
        def page(request: Request) -> object:
            after = int(request.query["after"])
            found = [
                piece for piece in shown
                if piece["id"] > after and node in (None, piece["key"], str(piece["key"]).partition("[")[0])
            ]  # fmt: skip
            return {"logs": found[:1], "next": found[0]["id"] if found else after}

        return page

    hub.answers[f"GET {ONE}/logs"] = hub.answers["GET /api/v1/runs/3f2a/logs"] = answer(None)
    for key in {key for key, _ in pieces} | {key.partition("[")[0] for key, _ in pieces}:
        hub.answers[f"GET /api/v1/runs/3f2a/nodes/{quote(key)}/logs"] = answer(key)


def test_a_pipe_gets_a_line_for_each_change(person: Corral, hub: FakeHub) -> None:
    building = run("running", node("s"), node("build", "running"))
    over = run("completed", node("s"), node("build"), node("say", "skipped", why="branch_not_taken"))
    telling(hub, *[run("running", node("s"))] * 2, building, building, Answer(503, {}), over)
    told = person("run", "watch", "3f2a")
    assert (told.code, [line.split() for line in told.out.splitlines()]) == (0, [
        ["s", "completed", "atlas"],
        ["run", "3f2a1b2c", "(release)", "is", "running"],
        ["build", "running", "atlas"],
        ["build", "completed", "atlas"],
        ["say", "skipped", "atlas", "branch", "not", "taken"],
        ["run", "3f2a1b2c", "(release)", "is", "completed"],
    ])  # fmt: skip
    assert "waiting for it to come back" in told.err and "the hub is back" in told.err


def test_machines_get_events_or_the_ended_run(person: Corral, hub: FakeHub) -> None:
    over = run("completed", node("s"), output={"a": 1})
    telling(hub, over)
    lines = person("run", "watch", "3f2a", "-o", "ndjson").out.splitlines()
    assert [('"node": "s"' in line, '"status": "completed"' in line) for line in lines] == [(True, True), (False, True)]
    assert person("run", "watch", "3f2a", "--json").json == over
    assert person("run", "watch", "3f2a", "-q").out == f"{RUN_ID}\n"


def test_a_failed_run_tells_where_and_what_next(person: Corral, hub: FakeHub) -> None:
    failed = node("build", "failed", error={"kind": "bad_exit", "message": f"2 {HOSTILE}"})
    telling(hub, run("failed", failed, failed="build"))
    told = person("run", "watch", "3f2a")
    assert told.code == 1 and "build: bad_exit: 2" in told.err and "corral run retry 3f2a1b2c" in told.err
    assert "\x1b" not in told.err + told.out
    assert person("run", "watch", "3f2a", "--json").json["error"]["details"]["failed"] == "build"


def test_watching_gives_up_in_time(person: Corral, hub: FakeHub) -> None:
    telling(hub, run("running"))
    assert person("run", "watch", "3f2a", "--timeout", "50ms").code == 124


def test_a_terminal_sees_the_graph_and_how_it_goes_on(hub: FakeHub) -> None:
    first, second = node("build", "running", attempt=2), node("say", "skipped", why="branch_not_taken")
    telling(hub, *[run("running", node("s"), first)] * 3, run("completed", node("s"), node("build"), second))
    with sitting("run", "watch", "3f2a", CORRAL_HUB_URL=hub.url, CORRAL_TOKEN="jwt") as desk:
        picture = desk.sees(b"say").decode()
        assert "1/3 done" in picture and "build: Build it" in picture and "attempt 2" in picture
        assert "└── " in picture
        desk.sees(b"2/2 done")
        assert desk.ends() == 0 and b"1 skipped" in desk.screen and b"branch not taken" in desk.screen


def test_a_terminal_sees_how_far_a_node_has_come(hub: FakeHub) -> None:
    come = node("build", "running", progress={"done": 0.4, "text": f"compiling {HOSTILE}", "at": None})
    telling(hub, *[run("running", come)] * 3, run("completed", node("build")))
    with sitting("run", "watch", "3f2a", CORRAL_HUB_URL=hub.url, CORRAL_TOKEN="jwt") as desk:
        desk.sees(b"40% compiling")
        assert desk.ends() == 0 and b"]52;c" not in desk.screen.replace(b"\\x1b]52;c", b"")


def test_a_graph_that_has_no_room_shows_what_happens(hub: FakeHub) -> None:
    nodes = [node(f"n{i}") for i in range(50)] + [node("busy", "running")]
    telling(hub, *[run("running", *nodes)] * 2, run("completed", *nodes))
    with sitting("run", "watch", "3f2a", rows=12, CORRAL_HUB_URL=hub.url, CORRAL_TOKEN="jwt") as desk:
        picture = desk.sees(b"more nodes").decode()
        assert "busy" in picture and "n49" not in picture
        assert desk.ends() == 0


def test_a_removed_workflow_leaves_its_runs_to_be_seen(person: Corral, hub: FakeHub) -> None:
    telling(hub, run("completed", node("s")))
    hub.answers["GET /api/v1/workflows/4/versions/2"] = problem(404, "workflow_not_found", "gone")
    assert person("run", "watch", "3f2a").code == 0


def test_a_page_shows_nodes_and_who_has_to_answer(person: Corral, hub: FakeHub) -> None:
    broken = node("b", "failed", error={"kind": "timeout", "message": f"late {HOSTILE}"})
    telling(hub, run("running", node("a", output={"n": HOSTILE * 99}), broken, ASKING))
    told = person("run", "show", "3f2a")
    assert "timeout: late" in told.out and "Ship it?" in told.out and "\x1b" not in told.out
    assert max(map(len, told.out.splitlines())) < 200
    assert "corral run answer 3f2a1b2c ask --approve" in told.err
    assert person("run", "show", "3f2a", "-q").out == f"{RUN_ID}\n"


def test_a_run_of_the_draft_is_told_and_drawn_as_such(person: Corral, hub: FakeHub) -> None:
    telling(hub, {**run("completed", node("s"), node("build")), "version": None})
    hub.answers["GET /api/v1/runs"] = {"runs": [{**run("completed"), "version": None}], "next_cursor": None}
    hub.answers[f"GET {ONE}/definition"] = {"version": None, "definition": DEFINITION}
    assert "test run of the draft" in person("run", "show", "3f2a").out
    assert person("run", "list", "--columns", "version", "--no-headers").out.strip() == "draft"
    assert person("run", "watch", RUN_ID).code == 0
    assert hub.asked(f"GET {ONE}/definition") and not hub.asked("GET /api/v1/workflows/4/versions/None")


def test_logs_are_printed_once_and_are_no_commands(person: Corral, hub: FakeHub) -> None:
    looks = 0

    def look(_: Request) -> object:
        nonlocal looks
        looks += 1
        if looks < 3:
            logging(hub, ("a", ("one",)))
            return run("running", node("a"))
        logging(hub, ("a", ("one",)), ("a", (f"two{HOSTILE}",)), ("longer", ("three",)))
        return run("completed", node("a"), node("longer"))

    hub.answers[f"GET {ONE}"] = hub.answers["GET /api/v1/runs/3f2a"] = look
    assert person("run", "logs", "3f2a", "-f").out.splitlines() == [
        "a | one", "a      | two\\x1b]52;c;x\\x07", "longer | three",
    ]  # fmt: skip
    assert person("run", "logs", "3f2a", "longer").out == "three\n"
    assert person("run", "logs", "3f2a", "-o", "ndjson").out.count('"node"') == 3
    told = person("run", "logs", "3f2a", "nope")
    assert told.code == 3 and "It has: a, longer." in told.err


def test_items_of_a_node_are_read_together(person: Corral, hub: FakeHub) -> None:
    telling(hub, run("completed", node("a"), node("a[0]"), node("a[1]")))
    logging(hub, ("a[0]", ("x",)), ("a[1]", ("y",)))
    assert person("run", "logs", "3f2a", "a").out == "a[0] | x\na[1] | y\n"
    assert person("run", "logs", "3f2a", "a[1]").out == "y\n"


def test_what_was_dropped_of_a_flood_is_said(person: Corral, hub: FakeHub) -> None:
    telling(hub, run("completed", node("a")))
    logging(hub, ("a", ("last",)), dropped=9800)
    assert person("run", "logs", "3f2a", "a").out == "… 9800 lines dropped\nlast\n"


def test_how_far_a_node_has_come_is_seen(person: Corral, hub: FakeHub) -> None:
    come = node("a", "running", progress={"done": 0.4, "text": f"compiling{HOSTILE}", "at": None})
    telling(hub, run("running", come, node("b", "running", progress={"done": None, "text": "thinking", "at": None})))
    told = person("run", "show", "3f2a").out
    assert "40% compiling" in told and "thinking" in told and "\x1b" not in told


def test_history_is_read_to_its_end(person: Corral, hub: FakeHub) -> None:
    fact = {"key": "a", "attempt": 1, "output": {"x": 1}, "chance": 0.5}
    events = [{"number": n, "type": "node_completed", "key": "a", "at": None, "fact": fact} for n in range(1, 502)]

    def page(request: Request) -> object:
        after = int(request.query.get("after", 0))
        return {"events": events[after : after + 500], "next": min(after + 500, 501)}

    hub.answers["GET /api/v1/runs/3f2a/history"] = page
    lines = person("run", "history", "3f2a").out.splitlines()
    assert len(lines) == 502 and lines[-1].startswith("501") and '{"attempt": 1, "output": {"x": 1}}' in lines[-1]
    assert person("run", "history", "3f2a", "--json").json["events"] == events


def test_lists_go_on_page_by_page(person: Corral, hub: FakeHub) -> None:
    def page(request: Request) -> object:
        return {"runs": [run("failed", failed="b")], "next_cursor": None if request.query.get("cursor") else "c1"}

    hub.answers["GET /api/v1/runs"] = hub.answers["GET /api/v1/workflows/release/runs"] = page
    assert "--cursor c1" in person("run", "list", "--limit", "1", "--status", "failed").err
    assert hub.requests[-1].query == {"limit": "1", "status": "failed"}
    assert len(person("run", "ls", "--workflow", "release", "--limit", "0", "-q").out.splitlines()) == 2


def test_status_names_runs_that_ask_and_runs_that_failed_lately(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/tasks"] = {"tasks": [], "next_cursor": None}
    hub.answers["GET /readyz"] = {"status": "ok"}
    hub.answers["GET /api/v1/servers"] = {"servers": [{"name": "atlas", "status": "online"}]}
    hub.answers["GET /api/v1/interventions"] = []
    asks = {"run_id": RUN_ID, "workflow_id": 4, "workflow": f"release{HOSTILE}", "project_id": "p", "key": "ask"}
    hub.answers["GET /api/v1/runs/questions"] = {
        "questions": [{**asks, "question": f"Ship {HOSTILE} it?", "since": AT}]
    }
    lately = clock.now().isoformat()
    failed = [run("failed", failed="build", finished_at=lately, project_id="p"), run("failed", workflow="older")]
    hub.answers["GET /api/v1/runs"] = {"runs": failed}
    told = person("status")
    assert "1 run needs you:" in told.out and "Ship" in told.out and "\x1b" not in told.out
    assert "→ corral run answer 3f2a1b2c ask --approve, or --refuse" in told.out
    assert "Failed within a day:" in told.out and "release at build" in told.out and "older" not in told.out
    assert "→ corral run show 3f2a1b2c, then corral run retry 3f2a1b2c" in told.out
    assert hub.asked("GET /api/v1/runs")[-1].query["status"] == "failed"
    shown = person("status", "--json").json["runs"]
    assert (len(shown["questions"]), [row["failed"] for row in shown["failed"]]) == (1, ["build"])


def test_steering(person: Corral, hub: FakeHub) -> None:
    telling(hub, run("running", ASKING))
    for verb, status in (("cancel", "cancelled"), ("pause", "paused"), ("resume", "running"), ("retry", "running")):
        hub.answers[f"POST /api/v1/runs/3f2a/{verb}"] = run(status)
    assert person("run", "cancel", "3f2a", "--reason", "no").out == "Run 3f2a1b2c (release) is cancelled.\n"
    assert hub.requests[-1].body == {"reason": "no"}
    assert "corral run resume 3f2a1b2c" in person("run", "pause", "3f2a").out
    assert person("run", "resume", "3f2a").code == 0
    assert "corral run watch 3f2a1b2c" in person("run", "retry", "3f2a", "--from", "build").out
    assert hub.requests[-1].body == {"from_node": "build"}


def test_answering_finds_the_one_that_asks(person: Corral, hub: FakeHub) -> None:
    telling(hub, run("running", ASKING))
    hub.answers["POST /api/v1/runs/3f2a/nodes/ask/answer"] = run("running")
    assert person("run", "answer", "3f2a", "--approve", "--comment", "go").code == 0
    assert hub.requests[-1].body == {"approved": True, "comment": "go"}
    assert person("run", "answer", "3f2a").code == person("run", "answer", "3f2a", "--approve", "--refuse").code == 2
    telling(hub, run("running", ASKING, {**ASKING, "key": "other"}))
    assert "ambiguous_node" in person("run", "answer", "3f2a", "--refuse").err
    telling(hub, run("completed"))
    assert person("run", "answer", "3f2a", "--refuse").code == 5


def test_the_shell_is_offered_what_there_is(person: Corral, hub: FakeHub) -> None:
    judging(hub)
    telling(hub, run("running", node("a"), node("b", "running")))
    hub.answers["GET /api/v1/runs"] = {"runs": [run()]}
    hub.answers["GET /api/v1/workflows"] = [{"id": 4, "name": "release", "version": 2}]
    hub.answers["GET /api/v1/node-types"] = {"node_types": [{"type": "shell", "title": "Shell"}]}
    offered = {
        ("run", "show", ""): "3f2a1b2c\trunning: release",
        ("run", "logs", "3f2a", "b"): "b\trunning",
        ("workflow", "show", "r"): "release\tversion 2: release",
        ("node", "show", "s"): "shell\tShell",
    }
    for words, line in offered.items():
        assert line in person(*words, _CORRAL_TAB="1").out.splitlines()
