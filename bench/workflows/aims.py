"""What is aimed at: Corral's figure to that of another, and to the floor of its own shape. Pure."""

from collections.abc import Callable
from functools import partial

Aim = tuple[str, Callable[[float], bool] | None]
FLOOR = "floor of this shape"

# (what is in the figure's name, what the other's begins with) → the ratio: at least for rates, at most for times.
LEAST = {
    ("independent", FLOOR): 0.58, ("independent", "Restate"): 2.3, ("independent", "DBOS"): 5.0,
    ("independent", "Temporal"): 100.0, ("independent", "Prefect"): 300.0, ("webhook", "Restate"): 8.0,
    ("webhook", FLOOR): 0.44,
}  # fmt: skip
MOST = {
    ("idle start, p50", FLOOR): 1.3, ("idle start, p99", FLOOR): 1.7, ("idle start, p50", "Restate"): 0.85,
    ("idle start, p99", "Restate"): 0.8,
    ("one chain", FLOOR): 1 / 0.65, ("one chain", "Restate, dispatched"): 1 / 3.9,
    ("one chain", "Restate, in process"): 1 / 1.05, ("one chain", "DBOS, in process"): 1 / 3.5,
    ("one chain", "Prefect"): 0.1, ("one chain", "Temporal, activities"): 1 / 40,
    ("10 chains", FLOOR): 1 / 0.55, ("10 chains", "Restate, dispatched"): 1 / 5, ("10 chains", "DBOS"): 1 / 12,
    ("10 chains", "Restate, in process"): 1 / 1.5, ("10 chains", "Temporal, activities"): 1 / 30,
    ("1 → 100 →", FLOOR): 1 / 0.48, ("1 → 100 →", "Restate, in process"): 1 / 3.5,
    ("1 → 100 →", "Restate, dispatched"): 1 / 15, ("1 → 100 →", "Temporal"): 1 / 80, ("1 → 100 →", "DBOS"): 1 / 80,
}  # fmt: skip


def aim_of(name: str, other: str) -> Aim:
    """Return the aim in words, with what tells whether the ratio meets it; nothing is aimed at beside others."""
    if name.startswith("webhook") and name.endswith(("p50", "p99")):
        return "", None
    for limits, word, better in ((LEAST, "≥", 1), (MOST, "≤", -1)):
        for (figure, rival), limit in limits.items():
            if figure in name and other.startswith(rival):
                return f"{word} × {limit:.3g}", partial(_meets, better, limit)
    return "", None


def _meets(better: int, limit: float, ratio: float) -> bool:
    return better * ratio >= better * limit
