"""The cases: what is asked of an engine in one repetition, and what its answer is called. No decisions beside that."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bench.figures import percentile
from bench.lab import Lab
from bench.workflows.contender import Contender
from bench.workflows.definitions import STEPS

Values = Mapping[str, float]
"""By the name of the figure."""


@dataclass(frozen=True, slots=True)
class Case:
    """`names`: its figures with their units. `rounds`: how often, in full and in a quick run."""

    skill: str
    names: Mapping[str, str]
    run: Callable[[Contender, Lab], Awaitable[Values]]
    rounds: tuple[int, int] = (5, 2)
    only_beside_floor: bool = False


def all_cases(lab: Lab, singles: int) -> list[Case]:
    """Return the cases. `singles`: how many runs the slower of the two manages in a reasonable time."""
    few = min(singles, lab.pick(1000, 300))
    many = lab.pick(5000, 1000)
    return [
        _singles(few, (3, 2)),
        _singles(many, (3, 1), only_beside_floor=singles < many),
        Case("starts", {"idle start, p50": "ms", "idle start, p99": "ms"}, _starts, (3, 1)),
        _chains("one chain of 40", 1, (9, 3)),
        _chains("10 chains of 40 at once", 10, (5, 2)),
        _fan(100, (9, 3)),
        _fan(1000, (3, 1)),
        _hooks(10, (3, 1)),
        _hooks(50, (3, 1)),
    ]


def _singles(count: int, rounds: tuple[int, int], only_beside_floor: bool = False) -> Case:
    name = f"{count:,} independent runs of one node"

    async def run(contender: Contender, lab: Lab) -> Values:
        return {name: count / await contender.singles(count)}

    return Case("singles", {name: "runs/s"}, run, rounds, only_beside_floor)


async def _starts(contender: Contender, lab: Lab) -> Values:
    times = await contender.starts(lab.pick(100, 40))
    return {"idle start, p50": percentile(times, 0.5) * 1e3, "idle start, p99": percentile(times, 0.99) * 1e3}


def _chains(name: str, at_once: int, rounds: tuple[int, int]) -> Case:
    async def run(contender: Contender, lab: Lab) -> Values:
        return {name: await contender.chains(at_once) / (STEPS * at_once) * 1e3}

    return Case("chains", {name: "ms/node"}, run, rounds)


def _fan(width: int, rounds: tuple[int, int]) -> Case:
    name = f"1 → {width:,} → 1"

    async def run(contender: Contender, lab: Lab) -> Values:
        return {name: await contender.fan(width) * 1e3}

    return Case("fan" if width <= 100 else "wide fan", {name: "ms"}, run, rounds)


def _hooks(clients: int, rounds: tuple[int, int]) -> Case:
    name = f"webhook → 3 nodes → answer, {clients} clients"
    names = {name: "req/s", f"{name}, p50": "ms", f"{name}, p99": "ms"}

    async def run(contender: Contender, lab: Lab) -> Values:
        seconds = float(lab.pick(3, 2))
        times = await contender.hooks(clients, seconds)
        found = (len(times) / seconds, percentile(times, 0.5) * 1e3, percentile(times, 0.99) * 1e3)
        return dict(zip(names, found, strict=True))

    return Case("hooks", names, run, rounds)
