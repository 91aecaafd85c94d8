"""The shape of the code: short functions, short files, names that say something, imports at the top. No exceptions."""

import ast
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT, Source, everything, none_of, product

FUNCTION_LINES = 40
FILE_LINES = 300
NAMELESS = frozenset(
    {"utils", "util", "helpers", "helper", "manager", "managers", "common", "service", "services", "misc"}
)
"""Names under which anything could live, and sooner or later does."""

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


def functions(source: Source) -> Iterator[AnyFunction]:
    return (node for node in ast.walk(source.tree) if isinstance(node, AnyFunction))


def length(function: AnyFunction) -> int:
    """Lines from `def` to the end; decorators are not counted, the docstring is."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_functions_are_short() -> None:
    none_of(
        f"{source.name}:{function.lineno} {function.name} has {length(function)} lines, {FUNCTION_LINES} are the limit"
        for source in everything()
        for function in functions(source)
        if length(function) > FUNCTION_LINES
    )


def test_files_are_short() -> None:
    none_of(
        f"{source.name} has {lines} lines, {FILE_LINES} are the limit"
        for source in everything()
        if (lines := len(source.text.splitlines())) > FILE_LINES
    )


def test_names_say_something() -> None:
    none_of(
        f"{source.name}: a folder is a noun, a file is a role; this name says neither"
        for source in everything()
        if NAMELESS & {source.path.stem, *source.path.relative_to(ROOT).parts}
    )


def test_imports_stand_at_the_top() -> None:
    none_of(
        f"{source.name}:{node.lineno} imports inside a block: an architecture's smoke alarm"
        for source in product()
        for node in _below_the_top(source)
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def _below_the_top(source: Source) -> Iterator[ast.AST]:
    """Every node but the module's own statements; what is imported for types only is at the top as well."""
    top = list(source.tree.body)
    for node in source.tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            top.extend(node.body)
    known = {id(node) for node in top}
    return (node for node in ast.walk(source.tree) if id(node) not in known)


def test_no_error_is_swallowed() -> None:
    none_of(
        f"{source.name}:{node.lineno} catches everything and tells nobody"
        for source in everything()
        for node in ast.walk(source.tree)
        if _is_broad(node) and not _tells(node)
    )


BROAD = frozenset({"Exception", "BaseException"})


def _is_broad(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return node.type is None or _names(node.type) & BROAD != frozenset()
    return isinstance(node, ast.Call) and "suppress" in _names(node.func) and any(_names(a) & BROAD for a in node.args)


def _tells(node: ast.AST) -> bool:
    """Whether a handler raises, logs the traceback, or hands the caught error on."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    inside = [inner for statement in node.body for inner in ast.walk(statement)]
    return any(
        isinstance(inner, ast.Raise)
        or (isinstance(inner, ast.Attribute) and inner.attr == "exception")
        or (isinstance(inner, ast.Name) and inner.id == node.name)
        for inner in inside
    )


def _names(node: ast.AST) -> frozenset[str]:
    found = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return frozenset(found | {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)})


LADDER = 3


def test_no_ladders() -> None:
    none_of(
        f"{source.name}:{node.lineno} compares `{subject}` {steps} times in a row: make it a table"
        for source in product()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.If)
        for subject, steps in Counter(_compared(node)).items()
        if steps > LADDER
    )


def _compared(node: ast.If) -> Iterator[str]:
    """The left sides of `if x == "a" … elif x == "b" …`, as source text."""
    step: ast.stmt | None = node
    while isinstance(step, ast.If):
        if isinstance(step.test, ast.Compare) and isinstance(step.test.ops[0], ast.Eq | ast.In | ast.Is):
            yield ast.unparse(step.test.left)
        step = step.orelse[0] if len(step.orelse) == 1 else None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("try:\n    f()\nexcept Exception:\n    pass", False),
        ("try:\n    f()\nexcept:\n    print('oh')", False),
        ("try:\n    f()\nexcept (OSError, Exception):\n    x = 1", False),
        ("try:\n    f()\nexcept Exception as error:\n    future.set_exception(error)", True),
        ("try:\n    f()\nexcept Exception:\n    log.exception('f_failed')", True),
        ("try:\n    f()\nexcept BaseException:\n    undo()\n    raise", True),
        ("with contextlib.suppress(Exception):\n    f()", False),
    ],
)
def test_the_swallow_detector(text: str, told: bool) -> None:
    broad = [node for node in ast.walk(ast.parse(text)) if _is_broad(node)]
    assert len(broad) == 1
    assert _tells(broad[0]) is told
