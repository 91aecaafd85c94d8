"""What every case is given: databases, the floor, and how much of it all is asked for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Round
from bench.floor import Floor
from bench.postgres import Databases


@dataclass(frozen=True, slots=True)
class Lab:
    databases: Databases
    floor: Floor
    folder: Path
    quick: bool
    say: Callable[[str], None]

    def pick(self, full: int, quick: int) -> int:
        """Return how many, by how much was asked for."""
        return quick if self.quick else full

    @property
    def rounds(self) -> int:
        return self.pick(5, 2)

    async def beside(self, concurrency: int, measure: Callable[[], Awaitable[float]]) -> Round:
        """Measure a rate (1/s) between two looks at the floor with the same concurrency."""
        seconds = 0.6 if not self.quick else 0.3
        before = await self.floor.rate(concurrency, seconds)
        value = await measure()
        after = await self.floor.rate(concurrency, seconds)
        return Round(value, (before + after) / 2)
