"""The table and the file that a run leaves behind."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure, Spread

RESULTS = Path(__file__).parent / "results"
HEAD = ("case", "figure", "median", "min-max", "floor of the same run", "ratio", "min-max", "aim")


def table(figures: Sequence[Figure], facts: Mapping[str, str]) -> str:
    """Return the table as Markdown, which is readable as it stands."""
    rows = [HEAD, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join([_heading(facts), "", *lines, ""])


def keep(figures: Sequence[Figure], facts: Mapping[str, str], quick: bool) -> str:
    """Write the run to bench/results/<time>.json; return where."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json"
    run = {
        "at": now.isoformat(), "quick": quick, "machine": _machine(), "postgres": dict(facts),
        "figures": [asdict(figure) for figure in figures],
    }  # fmt: skip
    path.write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n")
    return str(path.relative_to(RESULTS.parents[1]))


def _heading(facts: Mapping[str, str]) -> str:
    machine = ", ".join(f"{name} {value}" for name, value in _machine().items())
    return f"{machine}; PostgreSQL {', '.join(f'{name} {value}' for name, value in facts.items())}"


def _machine() -> dict[str, str]:
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    return {"cpus": str(os.cpu_count()), "python": platform.python_version(), "load": load}


def _row(figure: Figure) -> tuple[str, ...]:
    floor = f"{_number(figure.floor.middle)} {figure.floor_unit}" if figure.floor else ""
    aim = f"{figure.aim}: {'met' if figure.met else 'NOT met'}" if figure.met is not None else figure.aim
    value = f"{_number(figure.value.middle)} {figure.unit}"
    ratio = f"× {_number(figure.ratio.middle)}" if figure.ratio else ""
    return figure.case, figure.name, value, _ends(figure.value), floor, ratio, _ends(figure.ratio), aim


def _ends(spread: Spread | None) -> str:
    return f"{_number(spread.low)}-{_number(spread.high)}" if spread and spread.low != spread.high else ""


def _number(value: float) -> str:
    """Return three significant digits, with thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
