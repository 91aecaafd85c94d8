"""`python -m bench [--quick] [--only NAME]`: measure, print one table, keep it in bench/results/."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import uvloop

from bench import assignment, claims, completions, frames, lists, start, terminals, timers
from bench.figures import Figure
from bench.floor import Floor
from bench.lab import Lab
from bench.postgres import Databases, running
from bench.report import keep, table
from bench.workflows import measure as workflows
from corral_hub.logs import configure

CASES: Mapping[str, Callable[[Lab], Awaitable[list[Figure]]]] = {
    "start": start.measure,
    "claims": claims.measure,
    "completions": completions.measure,
    "frames": frames.measure,
    "lists": lists.measure,
    "assignment": assignment.measure,
    "terminals": terminals.measure,
    "timers": timers.measure,
    "workflows": workflows.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="What Corral costs, beside a commit of its database.")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter repetitions: under a minute")
    parser.add_argument("--only", action="append", choices=list(CASES), help="one case; may be repeated")
    parser.add_argument("--database", help="URL of a PostgreSQL server to make databases on (default: embedded)")
    asked = parser.parse_args()
    configure("error")
    with running(asked.database) as url, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure(url, asked.only or list(CASES), asked.quick))


async def measure(url: str, names: list[str], quick: bool) -> None:
    databases = Databases(url)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="corral-bench-") as folder:
        try:
            await databases.prepare()
            floor = await Floor.open(await databases.fresh(migrated=False))
            for name in names:
                begin = time.monotonic()
                figures += await CASES[name](Lab(databases, floor, Path(folder), quick, _say))
                _say(f"{name}: {time.monotonic() - begin:.0f} s")
            await floor.close()
            facts = await databases.facts()
        finally:
            await databases.drop()
    sys.stdout.write(table(figures, facts))
    _say(f"kept in {keep(figures, facts, quick)}")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
