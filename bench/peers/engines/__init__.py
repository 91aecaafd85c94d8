"""Other workflow engines, each in an environment of its own that the benchmark makes, if it can be made."""

from bench.lab import Lab
from bench.peers.engines import dbos, prefect, restate, temporal
from bench.workflows.contender import Entry


def entries(lab: Lab) -> list[Entry]:
    """Return all of them; none is installed or running yet. `singles`: what each does in some seconds."""
    return [
        Entry("Restate", lambda: restate.opened(lab), 5000),
        Entry("DBOS", lambda: dbos.opened(lab), 1000),
        Entry("Temporal", lambda: temporal.opened(lab), 100),
        Entry("Prefect", lambda: prefect.opened(lab), 40),
    ]
