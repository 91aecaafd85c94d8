"""A distribution imports what it declares: the daemon's light base install depends on it."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source import PACKAGES, Source, none_of, product

COMES_WITH = {"starlette": "fastapi", "click": "typer", "pydantic-core": "pydantic", "referencing": "jsonschema"}
"""Packages that are the visible half of another one."""

DAEMON_MAY_USE = {"corral-protocol", "websockets", "httpx", "ptyprocess", "wcwidth"}


def declared(package: str) -> set[str]:
    """Distributions that the pyproject of `package` names, itself included."""
    project = tomllib.loads((PACKAGES[package].parent / "pyproject.toml").read_text())["project"]
    extras = (text for group in project.get("optional-dependencies", {}).values() for text in group)
    wanted = {canonicalize_name(Requirement(text).name) for text in (*project["dependencies"], *extras)}
    return wanted | {canonicalize_name(project["name"])}


def imported(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name.split(".")[0]) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.split(".")[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_it_imports_what_it_declares(package: str) -> None:
    allowed, owners = declared(package), packages_distributions()
    none_of(
        f"{source.name}:{line} imports {name}, which {package} does not declare"
        for source in product()
        if PACKAGES[package] in source.path.parents
        for line, name in imported(source)
        if name not in sys.stdlib_module_names and name not in _shipped_beside(source)
        for found in [{canonicalize_name(owner) for owner in owners.get(name, [name])}]
        if not allowed & (found | {COMES_WITH.get(owner, owner) for owner in found})
    )


def _shipped_beside(source: Source) -> set[str]:
    """Names of files in the same folder: scripts that the product ships and others run as they are."""
    return {path.stem for path in source.path.parent.glob("*.py")}


def test_the_daemon_stays_light() -> None:
    assert declared("corral_daemon") - {"corral-daemon"} <= DAEMON_MAY_USE
    assert declared("corral_protocol") == {"corral-protocol"}
