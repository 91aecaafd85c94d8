"""Migrations form one line, in the order of their numbers. That they make the schema is tested on PostgreSQL."""

import ast
from pathlib import Path

from tests.architecture.source import MIGRATIONS


def constants(path: Path) -> dict[str, object]:
    """Top-level names of a migration with their literal values."""
    found: dict[str, object] = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            found[ast.unparse(target)] = node.value.value
    return found


def test_they_form_one_line() -> None:
    files = sorted(MIGRATIONS.glob("*.py"))
    assert files
    before = None
    for number, path in enumerate(files, 1):
        values = constants(path)
        assert path.name.startswith(f"{number:04}_"), f"{path.name}: the next number is {number:04}"
        assert values["revision"] == f"{number:04}", path.name
        assert values["down_revision"] == before, f"{path.name} does not follow {before}"
        before = values["revision"]
