"""What was measured, beside the floor measured with it. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The middle of several repetitions, and the ends."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`ratio`: value to floor, formed in each repetition. `aim`: what the ratio should be, in words."""

    case: str
    name: str
    unit: str
    value: Spread
    floor: Spread | None = None
    floor_unit: str = ""
    ratio: Spread | None = None
    aim: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One repetition: what was measured, and the floor just before and after it, in the same kind of unit."""

    value: float
    floor: float


def spread(values: Iterable[float]) -> Spread:
    known = list(values)
    return Spread(middle=median(known), low=min(known), high=max(known))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def figure(
    case: str,
    name: str,
    unit: str,
    rounds: Sequence[Round],
    floor_unit: str,
    aim: str = "",
    met: Callable[[float], bool] | None = None,
) -> Figure:
    """Return the figure of several rounds."""
    ratio = spread(round.value / round.floor for round in rounds)
    return Figure(
        case=case,
        name=name,
        unit=unit,
        value=spread(round.value for round in rounds),
        floor=spread(round.floor for round in rounds),
        floor_unit=floor_unit,
        ratio=ratio,
        aim=aim,
        met=met(ratio.middle) if met else None,
    )
