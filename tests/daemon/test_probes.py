"""Probes: dropped in, run apart, run again when old; and what becomes of their findings."""

import asyncio
import importlib
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.capabilities import Declared, Found, merge
from corral_daemon.probes import environments, languages, repos, tools
from corral_daemon.probing import Bench, Probe, Prober, discover
from corral_protocol.capabilities import AgentCli
from tests.daemon.daemon_world import until

NAMES = st.lists(st.text("abAB ", max_size=3)).map(tuple)
FOUND = st.builds(Found, languages=NAMES, tools=NAMES, tags=NAMES)


@given(st.lists(FOUND), st.randoms())
def test_merging_does_not_depend_on_the_order(found: list[Found], chance: object) -> None:
    shuffled = sorted(found, key=lambda _: chance.random())  # type: ignore[attr-defined]
    merged = merge(found, Declared(tags=("Gpu ",)), 1)
    assert merged == merge(shuffled, Declared(tags=("Gpu ",)), 1)
    assert "gpu" in merged.tags
    assert list(merged.languages) == sorted({name.strip().lower() for part in found for name in part.languages} - {""})


def test_a_declared_repository_counts_only_where_it_is() -> None:
    declared = Declared(repos={"here": "/h", "gone": "/g"})
    assert merge([Found(repos={"here": "/h"})], declared, 1).repos == {"here": "/h"}


def test_adding_a_probe_is_adding_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "dropped"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "lathe.py").write_text(
        "from corral_daemon.capabilities import Found\n"
        "from corral_daemon.probing import Bench, probe\n\n"
        "@probe('lathe', ttl=5)\n"
        "async def lathe(bench: Bench) -> Found:\n"
        "    return Found(tools=('lathe',))\n"
    )
    (package / "broken.py").write_text("import no_such_module_anywhere\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = discover(importlib.import_module("dropped"))
    assert [(probe.name, probe.ttl) for probe in found] == [("lathe", 5)]


async def test_a_failing_probe_leaves_the_others_and_its_last_answer() -> None:
    fail = False

    async def moody(bench: Bench) -> Found:
        if fail:
            raise RuntimeError("no")
        return Found(tools=("a",))

    async def steady(bench: Bench) -> Found:
        return Found(tools=("b",))

    prober = Prober([Probe("moody", 0.01, moody), Probe("steady", 60, steady)], Bench(Declared()), 4)
    running = asyncio.create_task(prober.run())
    await prober.complete.wait()
    assert prober.current().tools == ("a", "b")
    fail = True
    await until(lambda: "moody" in prober.problems())
    assert prober.current().tools == ("a", "b")
    assert "no" in prober.problems()["moody"]
    fail = False
    await until(lambda: not prober.problems())
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_only_a_change_is_news() -> None:
    answers = iter([("a",), ("a",), ("a",), ("a", "b")])
    asked = 0

    async def slow(bench: Bench) -> Found:
        nonlocal asked
        asked += 1
        return Found(tools=next(answers, ("a", "b")))

    prober = Prober([Probe("slow", 0.01, slow)], Bench(Declared()), 1)
    running = asyncio.create_task(prober.run())
    await prober.complete.wait()
    known = prober.current()
    assert (await prober.changed(known)).tools == ("a", "b")
    assert asked >= 4
    await prober.offer(0)
    assert (await prober.changed(merge([Found(tools=("a", "b"))], Declared(), 1))).max_concurrent == 0
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_command_that_hangs_fails_or_is_missing_says_nothing() -> None:
    bench = Bench(Declared())
    assert await bench.run(sys.executable, "-c", "print('hi')") == "hi\n"
    assert await bench.run(sys.executable, "-c", "raise SystemExit(3)") is None
    assert await bench.run("/no/such/program") is None
    assert await bench.run(sys.executable, "-c", "input('never')", within=20) is None
    assert await bench.run(sys.executable, "-c", "import time; time.sleep(600)", within=0.2) is None


async def test_repositories_are_verified(tmp_path: Path) -> None:
    real = tmp_path / "real"
    declared = Declared(repos={"real": str(real), "missing": str(tmp_path / "missing"), "plain": str(tmp_path)})
    bench = Bench(declared)
    assert await bench.run("git", "init", "-q", str(real)) is not None
    assert (await repos.repos.ask(bench)).repos == {"real": str(real.resolve())}


async def test_the_shipped_probes_find_what_tests_run_on() -> None:
    bench = Bench(Declared())
    assert "python" in (await languages.languages.ask(bench)).languages
    assert "git" in (await tools.tools.ask(bench)).tools
    assert "venv" in (await environments.environments.ask(bench)).environments


def test_agents_are_known_by_name() -> None:
    merged = merge([Found(agents=(AgentCli(name="b"), AgentCli(name="a", version="1")))], Declared(), 1)
    assert [agent.name for agent in merged.agents] == ["a", "b"]
