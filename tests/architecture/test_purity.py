"""Decide without I/O: what a pure file's name promises. What it imports is checked by import-linter (make check)."""

import ast
import re
from collections.abc import Iterator
from typing import cast

from tests.architecture.source import Source, contract, everything, is_pure, none_of, product, settings

ASYNC = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
OPENERS = frozenset({"open", "print", "input", "eval", "exec", "__import__"})
TOUCHES = frozenset(
    {
        "exists",
        "is_file",
        "is_dir",
        "is_symlink",
        "iterdir",
        "glob",
        "rglob",
        "stat",
        "lstat",
        "resolve",
        "mkdir",
        "touch",
    }
    | {
        "open",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "unlink",
        "rmdir",
        "rename",
        "symlink_to",
        "chmod",
    }
    | {"expanduser", "cwd", "home", "now", "today", "utcnow", "raise_signal", "uuid1", "uuid4"}
)
"""Methods of paths that ask or change a file system (joining paths is arithmetic), and what asks for the time."""
EVALUATORS = frozenset({"eval", "exec"})


def calls(source: Source, names: frozenset[str]) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield f"{source.name}:{node.lineno} calls {node.func.id}()"


def test_pure_files_never_wait() -> None:
    none_of(
        f"{source.name}:{getattr(node, 'lineno', 0)}: a pure file has no async and no await"
        for source in product()
        if is_pure(source)
        for node in ast.walk(source.tree)
        if isinstance(node, ASYNC)
    )


def test_pure_files_touch_nothing() -> None:
    none_of(call for source in product() if is_pure(source) for call in calls(source, OPENERS))
    none_of(
        f"{source.name}:{node.lineno} calls .{node.func.attr}()"
        for source in product()
        if is_pure(source)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TOUCHES
    )


def test_nobody_evaluates_text() -> None:
    """User code runs in a process of its own, never inside ours."""
    none_of(call for source in everything() for call in calls(source, EVALUATORS))


def test_what_is_pure_is_typed_strictly() -> None:
    assert cast(dict[str, str], settings()["pyright"])["typeCheckingMode"] == "strict"
    none_of(
        f"{source.name}:{number} switches a type check off: {line.strip()}"
        for source in product()
        if is_pure(source)
        for number, line in enumerate(source.text.splitlines(), 1)
        if "type: ignore" in line or "# pyright:" in line
    )


def test_who_says_pure_is_held_to_it() -> None:
    none_of(
        f'{source.name} says that it is pure: add "{source.module}" to the import contract in pyproject.toml'
        for source in product()
        if re.search(r"\bPure\b|\bNo I/O\b", ast.get_docstring(source.tree) or "") and not is_pure(source)
        if source.module != "corral_protocol"
    )


def test_the_contract_names_what_is_there() -> None:
    modules = {source.module for source in product()}
    listed = contract("the pure core does no I/O")["source_modules"]
    none_of(
        f"{module} is in the import contract and nowhere else"
        for module in listed
        if "*" not in module and module not in modules
    )
