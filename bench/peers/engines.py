"""Other workflow engines."""

from bench.lab import Lab
from bench.workflows.contender import Entry


def entries(lab: Lab) -> list[Entry]:
    return []
