"""The Python files of this repository, parsed once, for the tests that read them."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "corral_protocol": ROOT / "protocol" / "corral_protocol",
    "corral_hub": ROOT / "hub" / "corral_hub",
    "corral_daemon": ROOT / "daemon" / "corral_daemon",
    "corral_cli": ROOT / "cli" / "corral_cli",
}
MIGRATIONS = PACKAGES["corral_hub"] / "db" / "migrations" / "versions"


@dataclass(frozen=True, slots=True)
class Source:
    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def module(self) -> str:
        """The dotted name under which a file of the product is imported."""
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts[1:]).removesuffix(".__init__")


@cache
def product() -> tuple[Source, ...]:
    """The four distributions, but for the migrations: those are records that a tool wrote, never edited."""
    return tuple(_read(PACKAGES.values()))


@cache
def everything() -> tuple[Source, ...]:
    """The product, its tests, benchmarks and scripts."""
    return product() + tuple(_read(ROOT / name for name in ("tests", "bench", "docs", "scripts")))


@cache
def settings() -> dict[str, object]:
    """The tools' settings in the root pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]


def contract(name: str) -> dict[str, list[str]]:
    """Return the import contract of that name."""
    linter = settings()["importlinter"]
    assert isinstance(linter, dict)
    return next(entry for entry in linter["contracts"] if entry["name"] == name)


@cache
def pure_modules() -> re.Pattern[str]:
    """What the import contract calls pure, as one pattern over module names."""
    listed = contract("the pure core does no I/O")["source_modules"]
    return re.compile("|".join(re.escape(module).replace(r"\*\*", ".+") for module in listed))


def is_pure(source: Source) -> bool:
    return pure_modules().fullmatch(source.module) is not None


def none_of(complaints: Iterable[str]) -> None:
    """Fail with every complaint on a line of its own."""
    if found := list(complaints):
        pytest.fail("\n".join(found), pytrace=False)


def _read(folders: Iterable[Path]) -> Iterator[Source]:
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if MIGRATIONS not in path.parents:
                text = path.read_text()
                yield Source(path, text, ast.parse(text, filename=str(path)))
