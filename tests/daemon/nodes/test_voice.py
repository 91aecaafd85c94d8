"""What an attempt says while it runs: kept in order, bounded, and told without flooding anybody."""

import asyncio
import math
from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_daemon.steps import voice as voices
from corral_daemon.steps.journal import MOST_LINES, MOST_TEXT, Journal
from corral_daemon.steps.silence import not_silent
from corral_daemon.steps.voice import Voice
from corral_protocol.nodes import NodeLog, NodeProgress
from corral_protocol.to_hub import ToHub
from tests.daemon.nodes.step_world import assigned
from tests.daemon.runner_world import until


@dataclass
class Hub:
    """Remembers what it was told. `room`: whether the spool takes lines."""

    room: bool = True
    said: list[ToHub] = field(default_factory=list[ToHub])
    kept: list[NodeLog] = field(default_factory=list[NodeLog])

    def say(self, message: ToHub) -> None:
        self.said.append(message)

    def has_room(self) -> bool:
        return self.room

    def keep(self, lines: NodeLog) -> None:
        self.kept.append(lines)

    def lines(self) -> list[str]:
        return [line for message in self.kept for line in message.lines]

    def progress(self) -> list[float | None]:
        return [message.done for message in self.said if isinstance(message, NodeProgress)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "PAUSE", 0.01)
    monkeypatch.setattr(voices, "LONGEST_PAUSE", 0.04)


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=6), max_size=12))
def test_nothing_is_lost_or_told_twice_whenever_it_is_taken(rounds: list[list[str]]) -> None:
    journal, seen, written = Journal(), list[str](), list[str]()
    for texts in rounds:
        for text in texts:
            journal.write(text)
            written += [journal.clean(line) for line in text.splitlines()]
        page = journal.take()
        assert (page.first, page.dropped) == (len(seen) + 1, 0)
        seen += page.lines
    assert seen == written


@given(st.integers(0, 3 * MOST_LINES), st.integers(0, 200))
def test_what_is_let_go_is_counted(count: int, width: int) -> None:
    journal = Journal()
    journal.write("\n".join(f"{number}:".ljust(width, "x") for number in range(1, count + 1)))
    page = journal.take()
    assert page.dropped + len(page.lines) == count
    assert sum(map(len, page.lines)) <= MOST_TEXT
    assert [int(line.partition(":")[0]) for line in page.lines] == list(range(page.first, count + 1))
    assert page.first == page.dropped + 1


async def test_who_ends_at_once_says_everything_with_its_end() -> None:
    hub = Hub()
    voice = Voice(assigned("it", {}), hub)
    voice.log("one\ntwo")
    assert voice.rest() == ("one", "two")
    assert hub.kept == []


async def test_lines_are_told_while_it_runs_and_the_rest_before_the_end() -> None:
    hub = Hub()
    voice = Voice(assigned("it", {}, secrets=("hunter2-hunter2",)), hub)
    voice.log("one")
    await until(lambda: hub.lines() == ["one"])
    voice.log("the key is hunter2-hunter2")
    assert voice.rest() == ()
    assert [(message.first, message.dropped) for message in hub.kept] == [(1, 0), (2, 0)]
    assert "hunter2" not in hub.lines()[1]


async def test_lines_from_a_thread_come_whole_and_in_order() -> None:
    hub = Hub()
    voice = Voice(assigned("it", {}), hub)

    def work() -> None:
        for number in range(3000):
            voice.log(str(number))

    await asyncio.to_thread(work)
    rest = voice.rest()
    assert [*hub.lines(), *rest] == [str(number) for number in range(3000)]


async def test_a_flood_is_counted_and_told_of_more_and_more_rarely() -> None:
    hub = Hub()
    voice = Voice(assigned("it", {}), hub)
    for _ in range(4):
        before = len(hub.kept)
        for number in range(MOST_LINES + 10):
            voice.log(str(number))
        await until(lambda before=before: len(hub.kept) > before)
    assert [message.dropped for message in hub.kept] == [10] * 4
    assert voice._pause == voices.LONGEST_PAUSE
    voice.close()


async def test_a_full_spool_is_waited_for() -> None:
    hub = Hub(room=False)
    voice = Voice(assigned("it", {}), hub)
    voice.log("one")
    voice.progress(0.5)
    await until(lambda: hub.progress() == [0.5])
    assert hub.kept == []
    hub.room = True
    await until(lambda: hub.lines() == ["one"])
    voice.close()


async def test_of_progress_the_newest_counts() -> None:
    hub = Hub()
    voice = Voice(assigned("it", {}), hub)
    for step in range(1000):
        voice.progress(step / 1000, f"{step}")
    await until(lambda: 0.999 in hub.progress())
    assert len(hub.progress()) <= 3
    voice.again()
    assert hub.progress()[-2:] == [0.999, 0.999]
    voice.close()


@pytest.mark.parametrize(
    ("said", "told"), [(0.5, 0.5), (None, None), (2, 1.0), (-1.0, 0.0), (math.nan, None), (math.inf, None), ("x", None)]
)
async def test_progress_is_a_part_of_one_or_unknown(said: Any, told: float | None) -> None:
    hub = Hub()
    voice = Voice(assigned("it", {}), hub)
    voice.progress(said, "at\x00it " * 500)
    await until(lambda: len(hub.said) == 1)
    (message,) = hub.said
    assert isinstance(message, NodeProgress)
    assert (message.done, len(message.text) <= 500, "\x00" in message.text) == (told, True, False)
    voice.close()


async def test_who_is_heard_of_goes_on_and_its_own_errors_are_its_own() -> None:
    voice = Voice(assigned("it", {}))
    async with not_silent(voice, 1.0):
        for number in range(30):
            await asyncio.sleep(0.05)
            voice.log(f"{number}")
    with pytest.raises(TimeoutError, match="its own"):
        async with not_silent(voice, 60):
            raise TimeoutError("its own")
    voice.close()
