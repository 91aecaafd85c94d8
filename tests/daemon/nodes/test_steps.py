"""Attempts of nodes in a daemon's hands: time, cancelling, crashes, what is said and what is too large."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from corral_daemon.nodes.node import Chosen, Context, NodeFailed, NodeType, node
from corral_daemon.steps.spawning import Spawner
from corral_daemon.steps.steps import Steps
from corral_protocol.nodes import NodeAssigned, NodeCancel, NodeFinished, NodeProgress, NodeStarted, Sleep
from corral_protocol.to_hub import ToHub
from corral_protocol.vocabulary import ErrorClass
from tests.daemon.nodes.step_world import Stage, assigned, stage, text
from tests.daemon.runner_world import carriers, until


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubled:
    twice: int


class Shop:
    """Node types for these tests, and what they did."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.cancelled: list[int] = []
        self.gate = asyncio.Event()
        self.types: dict[str, NodeType] = {}

    def sell(self, name: str, run: Callable[..., Any]) -> None:
        self.types[name] = node(name)(run)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as made:
        yield made


async def run(here: Stage, function: Callable[..., Any], **parameters: Any) -> Any:
    here.types["it"] = node("it")(function)
    return await here.run("it", parameters)


async def test_a_dataclass_is_its_output(here: Stage) -> None:
    async def it(parameters: Numbered, context: Context) -> Doubled:
        return Doubled(twice=parameters.number * 2)

    result = await run(here, it, number=4)
    assert (result.output, result.error, result.wish) == ({"twice": 8}, None, None)
    assert here.workspace.stat().st_mode & 0o777 == 0o700


async def test_parameters_that_do_not_fit_are_named(here: Stage) -> None:
    async def it(parameters: Numbered, context: Context) -> Any:
        return None

    result = await run(here, it, number="four")
    assert result.error.kind is ErrorClass.BAD_INPUT
    assert "/number" in result.error.message


async def test_time_is_up(here: Stage) -> None:
    async def it(parameters: Empty, context: Context) -> Any:
        await asyncio.Event().wait()

    here.types["it"] = node("it")(it)
    kind, message = await here.refused("it", {}, timeout=0.05)
    assert (kind, message) == ("timeout", "it ran longer than 0.05 s")


async def test_who_promised_signs_of_life_and_gives_none_is_ended(here: Stage) -> None:
    async def it(parameters: Numbered, context: Context) -> Any:
        for _ in range(parameters.number):
            await asyncio.sleep(0.05)
            context.progress(None, "still here")
        await asyncio.Event().wait()

    here.types["it"] = node("it")(it)
    kind, message = await here.refused("it", {"number": 5}, heartbeat_timeout=0.5, timeout=60)
    assert (kind, message) == ("heartbeat_timeout", "it gave no sign of life for 0.5 s")
    kind, _ = await here.refused("it", {"number": 1000}, heartbeat_timeout=60, timeout=0.2)
    assert kind == "timeout"


async def test_a_crash_is_an_end_like_others(here: Stage) -> None:
    async def it(parameters: Empty, context: Context) -> Any:
        context.log("before")
        raise ZeroDivisionError("no")

    result = await run(here, it)
    assert (result.error.kind, result.error.message) == (ErrorClass.NODE_CRASHED, "ZeroDivisionError: no")
    assert result.logs == ("before",)


async def test_a_failure_has_its_class_and_keeps_its_output(here: Stage) -> None:
    async def it(parameters: Empty, context: Context) -> Any:
        raise NodeFailed(ErrorClass.UNAVAILABLE, "later", {"seen": 1})

    result = await run(here, it)
    assert (result.error.kind, result.output) == (ErrorClass.UNAVAILABLE, {"seen": 1})


async def test_secrets_are_masked_in_logs_and_control_characters_do_not_come_through(here: Stage) -> None:
    async def it(parameters: Empty, context: Context) -> Any:
        context.log("the key is hunter2-hunter2\nand a NUL: \x00")
        return None

    here.types["it"] = node("it")(it)
    result = await here.run("it", {}, secrets=("hunter2-hunter2",))
    assert "hunter2" not in text(result)
    assert len(result.logs) == 2
    assert "\x00" not in result.logs[1]


async def test_logs_do_not_grow_without_end(here: Stage) -> None:
    async def it(parameters: Empty, context: Context) -> Any:
        for index in range(10_000):
            context.log(f"line {index} " + "x" * 5_000)

    result = await run(here, it)
    assert len(result.logs) == 201
    assert result.logs[0] == "… 9800 lines before this were not kept"
    assert len(text(result)) < 1 << 20


@pytest.mark.parametrize("output", ["x" * (9 << 20), float("inf"), {"a": "\x00"}, "\ud800", {"a": object()}, {1, 2}])
async def test_what_the_hub_cannot_store_is_said_here(here: Stage, output: Any) -> None:
    async def it(parameters: Empty, context: Context) -> Any:
        return output

    result = await run(here, it)
    assert result.error.kind is ErrorClass.RESULT_UNREADABLE
    assert result.output is None


async def test_a_plain_function_may_block(here: Stage) -> None:
    """It runs in a thread: our loop goes on meanwhile."""
    release, inside = threading.Event(), threading.Event()

    def it(parameters: Empty, context: Context) -> Any:
        inside.set()
        assert release.wait(30)
        return threading.current_thread() is threading.main_thread()

    running = asyncio.create_task(run(here, it))
    await until(inside.is_set)
    release.set()
    assert (await running).output is False


async def test_handles_and_wishes_are_passed_on(here: Stage) -> None:
    async def chooses(parameters: Empty, context: Context) -> Any:
        return Chosen({"a": 1}, ("left",))

    async def sleeps(parameters: Empty, context: Context) -> Any:
        return Sleep(seconds=3, output=1)

    result = await run(here, chooses)
    assert (result.output, result.handles) == ({"a": 1}, ("left",))
    result = await run(here, sleeps)
    assert result.wish == {"type": "sleep", "seconds": 3, "output": 1}


async def test_a_type_that_is_gone(here: Stage) -> None:
    assert (await here.refused("gone", {}))[0] == "node_missing"


# -- all of them -------------------------------------------------------------------


@dataclass
class Desk:
    """Steps with a hub that writes down what it hears."""

    steps: Steps
    shop: Shop
    finished: list[NodeFinished] = field(default_factory=list[NodeFinished])
    said: list[ToHub] = field(default_factory=list[ToHub])

    async def report(self, message: NodeFinished) -> int:
        self.finished.append(message)
        return len(self.finished)

    def attempts(self) -> list[int]:
        return [node.attempt for node in self.steps.held().nodes]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    shop = Shop()

    async def waits(parameters: Empty, context: Context) -> Any:
        shop.begun.append(context.attempt)
        context.progress(0.5, "half")
        try:
            await shop.gate.wait()
        except asyncio.CancelledError:
            shop.cancelled.append(context.attempt)
            raise
        return context.attempt

    shop.sell("waits", waits)
    shell = Stage(tmp_path, Spawner(), None).types["shell"]  # type: ignore[arg-type]
    shop.types["shell"] = shell
    made = Desk(None, shop)  # type: ignore[arg-type]
    made.steps = Steps(lambda: shop.types, made.report, Spawner(), tmp_path / "workspaces")
    made.steps.attach(made.said.append)
    yield made
    await made.steps.close()


def waits(attempt: int = 1) -> NodeAssigned:
    return assigned("waits", {}, attempt=attempt)


async def test_it_is_held_until_its_end_is_kept(desk: Desk) -> None:
    desk.steps.assign(waits())
    await until(lambda: desk.shop.begun == [1])
    assert desk.attempts() == [1]
    assert [type(message) for message in desk.said] == [NodeStarted, NodeProgress]
    desk.shop.gate.set()
    await until(lambda: not desk.attempts())
    assert [message.result.output for message in desk.finished] == [1]


async def test_assigned_twice_it_runs_once(desk: Desk) -> None:
    desk.shop.gate.set()
    desk.steps.assign(waits())
    desk.steps.assign(waits())
    await until(lambda: len(desk.finished) == 1)
    desk.steps.assign(waits())  # also when it has ended
    desk.steps.assign(waits(2))
    await until(lambda: len(desk.finished) == 2)
    assert desk.shop.begun == [1, 2]


async def test_an_older_attempt_is_stopped_and_says_nothing_more(desk: Desk) -> None:
    desk.steps.assign(waits(1))
    await until(lambda: desk.shop.begun == [1])
    desk.steps.assign(waits(2))
    await until(lambda: desk.shop.begun == [1, 2])
    await until(lambda: desk.attempts() == [2])
    assert desk.shop.cancelled == [1]
    desk.shop.gate.set()
    await until(lambda: not desk.attempts())
    assert [message.attempt for message in desk.finished] == [2]


async def test_cancelling_ends_the_process_tree_and_reports_nothing(desk: Desk) -> None:
    mark = "corral-steps-cancelled-mark"
    command = f"M={mark} sleep 600 & M={mark} sleep 600"
    desk.steps.assign(assigned("shell", {"command": command, "timeout": 600}))
    await until(lambda: len(carriers(mark)) == 2)
    desk.steps.cancel(NodeCancel(run_id="run", key="shell", attempt=7))  # another attempt: nothing happens
    assert desk.attempts() == [1]
    desk.steps.cancel(NodeCancel(run_id="run", key="shell", attempt=1))
    await until(lambda: not desk.attempts())
    await until(lambda: not carriers(mark))
    assert desk.finished == []


async def test_closing_leaves_nothing_and_reports_nothing(desk: Desk) -> None:
    mark = "corral-steps-closed-mark"
    desk.steps.assign(assigned("shell", {"command": f"M={mark} sleep 600", "timeout": 600}))
    await until(lambda: bool(carriers(mark)))
    await desk.steps.close()
    await until(lambda: not carriers(mark))
    assert desk.finished == []
    assert desk.attempts() == []
