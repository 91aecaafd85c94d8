"""Runs worth keeping: each brings a real hub and a real daemon into another corner of the engine."""

from collections.abc import Callable
from itertools import count
from typing import Any

from tests.acceptance.world import World

Json = dict[str, Any]
FLAKY = '''"""Fails a few times."""

from dataclasses import dataclass

from corral_daemon.nodes.node import Context, NodeFailed, node
from corral_protocol.codec import Json
from corral_protocol.vocabulary import ErrorClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    times: int = 1
    mark: str = ""
    kind: ErrorClass = ErrorClass.UNAVAILABLE


@node("flaky", title="Flaky")
async def flaky(parameters: Parameters, context: Context) -> Json:
    """Fails until it has been tried often enough, or was here before."""
    if parameters.mark and (context.workspace / parameters.mark).exists():
        return {"attempt": context.attempt}
    if parameters.mark:
        (context.workspace / parameters.mark).touch()
    if context.attempt <= parameters.times:
        raise NodeFailed(parameters.kind, f"attempt {context.attempt}", retry_after=0.2)
    return {"attempt": context.attempt}
'''
"""A node of the machine's owner."""


def step(id: str, type: str = "set", **more: Any) -> Json:
    parameters = more.pop("parameters", {"fields": {"by": id}} if type == "set" else {})
    return {"id": id, "type": type, "label": id, "parameters": parameters, **more}


def graph(*nodes: Json, edges: str = "", more: tuple[Json, ...] = (), **settings: Any) -> Json:
    """Return a definition that begins at `start`. `edges`: "a>b b>c"; with "b>c?" for `otherwise`."""
    links = [_link(text) for text in edges.split()]
    return {"nodes": [step("start", "start"), *nodes], "edges": [*links, *more], **settings}


def _link(text: str) -> Json:
    source, target = text.rstrip("?").split(">")
    return {"source": source, "target": target, **({"otherwise": True} if text.endswith("?") else {})}


def when(source: str, target: str, operator: str, value: Any) -> Json:
    return {"source": source, "target": target, "condition": {"field": "n", "operator": operator, "value": value}}


class Stage:
    def __init__(self, world: World) -> None:
        self.world = world
        self._names = count(1)

    def publish(self, definition: Json, name: str = "") -> int:
        body = {"definition": definition, "publish": True, "name": name or f"golden {next(self._names)}"}
        made = self.world.request("POST", "/workflows", body)
        assert made.status_code == 200, made.text[:2000]
        return made.json()["id"]

    def begin(self, definition: Json | int, **body: Any) -> str:
        id = definition if isinstance(definition, int) else self.publish(definition)
        return self.world.post(f"/workflows/{id}/runs", {"inputs": {"n": 7}, **body})["id"]

    def ended(self, run: str) -> str:
        self.world.eventually(lambda: self.world.get(f"/runs/{run}")["finished_at"], "the run is over")
        return run

    def reaches(self, run: str, key: str, *statuses: str) -> None:
        def is_there() -> bool:
            nodes = {node["key"]: node["status"] for node in self.world.get(f"/runs/{run}")["nodes"]}
            return nodes.get(key) in statuses

        self.world.eventually(is_there, f"{key} is {statuses}")

    def tell(self, run: str, what: str, **body: Any) -> None:
        self.world.post(f"/runs/{run}/{what}", body)


def diamond(stage: Stage) -> str:
    nodes = (step("left"), step("right"), step("join", "merge", parameters={"way": "named"}))
    return stage.begin(graph(*nodes, edges="start>left start>right left>join right>join"))


def conditions(stage: Stage) -> str:
    """One says yes, one says no, and an else that nobody needs; behind the no all is skipped."""
    nodes = (step("big"), step("small"), step("neither"), step("after"))
    more = (when("start", "big", "gte", 5), when("start", "small", "lt", 5))
    return stage.begin(graph(*nodes, edges="start>neither? small>after", more=more))


def otherwise(stage: Stage) -> str:
    nodes = (step("big"), step("neither"), step("end"))
    return stage.begin(graph(*nodes, edges="start>neither? big>end neither>end", more=(when("start", "big", "gt", 7),)))


def joins(stage: Stage) -> str:
    """`any` begins while the slow branch still waits, `all` does not."""
    nodes = (step("slow", "timer", parameters={"duration": 0.5}), step("quick"), step("first", join="any"),
             step("both"))  # fmt: skip
    return stage.begin(graph(*nodes, edges="start>slow start>quick slow>first quick>first slow>both quick>both"))


def list_loop(stage: Stage) -> str:
    items = {"items": [3, 1, 2], "concurrency": 2}
    each = step("each", each=items, parameters={"fields": {"n": "{{item}}", "at": "{{index}}"}, "keep": False})
    last = step("sum", parameters={"fields": {"all": "{{each.items}}", "count": "{{each.count}}"}})
    return stage.begin(graph(each, last, edges="start>each each>sum"))


def a_loop_with_a_failure(stage: Stage) -> str:
    """One item fails for good; the others are stopped, and what follows is not begun."""
    items = {"items": [0, 9, 0], "concurrency": 1}
    each = step("each", "flaky", each=items, parameters={"times": "{{item}}", "kind": "reported"})
    return stage.begin(graph(each, step("after"), edges="start>each each>after"))


def sub_workflow(stage: Stage) -> str:
    stage.publish(graph(step("inner"), edges="start>inner"), name="golden inner")
    nodes = (step("call", "workflow", parameters={"workflow": "golden inner"}), step("after"))
    return stage.begin(graph(*nodes, edges="start>call call>after"))


def approval(stage: Stage) -> str:
    nodes = (step("ask", "approval", parameters={"question": "Ship?"}), step("ship"), step("stay"))
    links = [{"source": "ask", "source_handle": way, "target": to} for way, to in (("approved", "ship"),
                                                                                  ("refused", "stay"))]  # fmt: skip
    run = stage.begin(graph(*nodes, edges="start>ask", more=tuple(links)))
    stage.reaches(run, "ask", "waiting")
    stage.tell(run, "nodes/ask/answer", approved=True, comment="go")
    return run


def timer(stage: Stage) -> str:
    nodes = (step("wait", "timer", parameters={"duration": 0.3}), step("after"))
    return stage.begin(graph(*nodes, edges="start>wait wait>after"))


def retry_then_success(stage: Stage) -> str:
    node = step("work", "flaky", parameters={"times": 2}, retry={"max_attempts": 3, "backoff": 0.1})
    return stage.begin(graph(node, step("after"), edges="start>work work>after"))


def failure_caught(stage: Stage) -> str:
    """`branch`: only the handle `error` goes on; `continue`: as if nothing was, with the error as output."""
    fails = {"times": 9, "kind": "reported"}
    nodes = (step("branches", "flaky", parameters=fails, on_error="branch"), step("repair"), step("normal"),
             step("goes-on", "flaky", parameters=fails, on_error="continue"),
             step("told", parameters={"fields": {"kind": "{{goes-on.error.kind}}"}}))  # fmt: skip
    links = ({"source": "branches", "source_handle": "error", "target": "repair"},)
    return stage.begin(graph(*nodes, edges="start>branches start>goes-on branches>normal goes-on>told", more=links))


def failure(stage: Stage) -> str:
    """What does not depend on it goes on to its end: `finish`."""
    nodes = (step("bad", "flaky", parameters={"times": 9}), step("after"), step("wait", "timer",
             parameters={"duration": 0.4}), step("other"))  # fmt: skip
    definition = graph(*nodes, edges="start>bad bad>after start>wait wait>other", on_failure="finish")
    return stage.begin(definition)


def cancelled(stage: Stage) -> str:
    nodes = (step("wait", "timer", parameters={"duration": 60}), step("after"))
    run = stage.begin(graph(*nodes, edges="start>wait wait>after"))
    stage.reaches(run, "wait", "waiting")
    stage.tell(run, "cancel", reason="enough")
    return run


def cache_hit(stage: Stage) -> str:
    id = stage.publish(graph(step("dear", cache={"seconds": 3600}), step("after"), edges="start>dear dear>after"))
    stage.ended(stage.begin(id))
    return stage.begin(id)


def dead_letter_replay(stage: Stage) -> str:
    """Its first run failed; it goes on from there, with what the others had put out, and under the same keys."""
    work = step("work", "flaky", parameters={"mark": "been-here"})
    failed = stage.ended(stage.begin(graph(step("before"), work, edges="start>before before>work")))
    letters = stage.world.get("/dead-letters")["dead_letters"]
    letter = next(letter["id"] for letter in letters if letter["run_id"] == failed)
    return stage.world.post(f"/dead-letters/{letter}/replay")["id"]


def paused_and_resumed(stage: Stage) -> str:
    nodes = (step("wait", "timer", parameters={"duration": 0.4}), step("after"))
    run = stage.begin(graph(*nodes, edges="start>wait wait>after"))
    stage.reaches(run, "wait", "waiting")
    stage.tell(run, "pause")
    stage.reaches(run, "wait", "completed")
    stage.tell(run, "resume")
    return run


def run_again_from_a_node(stage: Stage) -> str:
    first = stage.ended(stage.begin(graph(step("a"), step("b"), step("c"), edges="start>a a>b b>c")))
    return stage.world.post(f"/runs/{first}/retry", {"from_node": "b"})["id"]


def pinned(stage: Stage) -> str:
    nodes = (step("dear", "flaky", parameters={"times": 99}), step("after"))
    return stage.begin(graph(*nodes, edges="start>dear dear>after"), pinned={"dear": {"from": "before"}})


def disabled(stage: Stage) -> str:
    nodes = (step("a"), step("off", disabled=True), step("b"))
    return stage.begin(graph(*nodes, edges="start>a a>off off>b"))


def a_machine_that_is_killed(stage: Stage) -> str:
    run = stage.begin(graph(step("long", "shell", parameters={"command": "test -e done || { touch done; sleep 60; }"}),
                            step("after"), edges="start>long long>after"))  # fmt: skip
    stage.reaches(run, "long", "running")
    machine = stage.world.daemons["one"]
    machine.kill()
    stage.world.start_daemon(machine)
    return run


RUNS: dict[str, Callable[[Stage], str]] = {
    scenario.__name__: scenario
    for scenario in (
        diamond, conditions, otherwise, joins, list_loop, a_loop_with_a_failure, sub_workflow, approval, timer,
        retry_then_success, failure_caught, failure, cancelled, cache_hit, dead_letter_replay, paused_and_resumed,
        run_again_from_a_node, pinned, disabled, a_machine_that_is_killed,
    )
}  # fmt: skip
