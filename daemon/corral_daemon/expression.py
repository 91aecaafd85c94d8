"""Expressions as people write them in Python, evaluated by a list of what is allowed, in bounded steps and sizes. Pure.

    input_data["order"]["total"] > 100 and "vip" in input_data["order"]["tags"]

There are no attributes but a few methods of texts and objects, no calls but a few functions, no names but those given,
and nothing that could define or import anything. Whatever it does costs at most STEPS steps and SIZE of anything made.
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sized
from typing import Any, Final

from corral_protocol.codec import Json

LONGEST = 10_000
DEEPEST = 50
STEPS = 20_000
SIZE = 100_000
"""Characters, or items, of any value that is made on the way."""
_AT_ONCE: Final = 1000
"""So much of what is done in one go counts as one step."""
_BIGGEST: Final = 10**30
"""Of a whole number, either way: what is larger takes ever longer to calculate with."""


class ExpressionRefused(ValueError):
    """The text says what is wrong, and where."""


class Expression:
    """A parsed expression. Raises ExpressionRefused for what is not allowed, also where it would not be reached."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise ExpressionRefused(f"it is longer than {LONGEST} characters")
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ExpressionRefused(f"it cannot be read: {error}") from error
        _check(self._tree, 0)

    def evaluate(self, names: Mapping[str, Json]) -> Any:
        """Return its value. Raises ExpressionRefused, also where Python would raise something else."""
        try:
            return _Evaluation(names).value(self._tree)
        except (TypeError, ValueError, KeyError, IndexError, ArithmeticError, RecursionError) as error:
            if isinstance(error, ExpressionRefused):
                raise
            raise ExpressionRefused(f"{type(error).__name__}: {error}") from error


class _Evaluation:
    def __init__(self, names: Mapping[str, Json]) -> None:
        self._names = {**names, "true": True, "false": False, "null": None}
        self._left = STEPS

    def value(self, node: ast.expr) -> Any:
        self._left -= 1
        if self._left < 0:
            raise ExpressionRefused(f"it takes more than {STEPS} steps")
        found = _EVALUATE[type(node)](self, node)
        return _bounded(found) if isinstance(node, _MAKES) else found

    def spend(self, *values: Any) -> None:
        """Count the work of what Python does in one go, like a search in a list. What was given may be large."""
        for value in values:
            self._left -= _weight(value, self._left * _AT_ONCE) // _AT_ONCE

    def constant(self, node: ast.Constant) -> Any:
        return node.value

    def name(self, node: ast.Name) -> Any:
        if node.id not in self._names:
            known = ", ".join(sorted(self._names)[:10])
            raise ExpressionRefused(f"there is no {node.id[:60]!r} here; there are {known}")
        return self._names[node.id]

    def both(self, node: ast.BoolOp) -> Any:
        stops_at = isinstance(node.op, ast.Or)
        found: Any = None
        for part in node.values:
            found = self.value(part)
            if bool(found) is stops_at:
                break
        return found

    def unary(self, node: ast.UnaryOp) -> Any:
        return _UNARY[type(node.op)](self.value(node.operand))

    def binary(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        _check_operands(node.op, left, right)
        return _BINARY[type(node.op)](left, right)

    def compare(self, node: ast.Compare) -> Any:
        left = self.value(node.left)
        for op, part in zip(node.ops, node.comparators, strict=True):
            right = self.value(part)
            self.spend(left, right)
            if not _COMPARE[type(op)](left, right):
                return False
            left = right
        return True

    def subscript(self, node: ast.Subscript) -> Any:
        container = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            bounds = (node.slice.lower, node.slice.upper, node.slice.step)
            return container[slice(*(None if part is None else self.value(part) for part in bounds))]
        return container[self.value(node.slice)]

    def choice(self, node: ast.IfExp) -> Any:
        return self.value(node.body if self.value(node.test) else node.orelse)

    def listed(self, node: ast.List | ast.Tuple | ast.Set) -> Any:
        return [self.value(part) for part in node.elts]

    def mapping(self, node: ast.Dict) -> Any:
        return {self.value(key): self.value(value) for key, value in zip(node.keys, node.values, strict=True) if key}

    def call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Attribute):
            target = self.value(node.func.value)
            kind, function = METHODS[node.func.attr]
            if not isinstance(target, kind):
                raise ExpressionRefused(f"{type(target).__name__} has no {node.func.attr}()")
            arguments = [target, *(self.value(argument) for argument in node.args)]
        else:
            assert isinstance(node.func, ast.Name)
            function = FUNCTIONS[node.func.id]
            arguments = [self.value(argument) for argument in node.args]
        self.spend(*arguments)
        return function(*arguments)


def _check(node: ast.AST, depth: int) -> None:
    if depth > DEEPEST:
        raise ExpressionRefused(f"it is nested deeper than {DEEPEST} levels")
    if isinstance(node, ast.Call):
        _check_call(node)
        below: list[ast.AST] = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
    else:
        if not isinstance(node, _ALLOWED):
            raise _refused(node)
        below = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Constant) and not isinstance(node.value, str | int | float | bool | None):
        raise _refused(node)
    if isinstance(node, ast.Dict) and None in node.keys:
        raise _refused(node)
    for part in below:
        _check(part, depth + 1)


def _check_call(node: ast.Call) -> None:
    known = METHODS if isinstance(node.func, ast.Attribute) else FUNCTIONS
    name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
    if name not in known:
        raise ExpressionRefused(f"{str(name)[:60]!r} cannot be called; {', '.join(sorted(known))} can")
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise ExpressionRefused("arguments are given by their place only")


def _refused(node: ast.AST) -> ExpressionRefused:
    where = f" (column {node.col_offset + 1})" if isinstance(node, ast.expr) else ""
    return ExpressionRefused(f"{type(node).__name__} is not allowed here{where}")


def _bounded(value: Any) -> Any:
    if isinstance(value, Sized) and len(value) > SIZE:
        raise ExpressionRefused(f"something in it is longer than {SIZE}")
    if isinstance(value, int) and not -_BIGGEST < value < _BIGGEST:
        raise ExpressionRefused("a number in it is too large")
    return value


def _check_operands(op: ast.operator, left: Any, right: Any) -> None:
    """Refuse what would be too much before it is done."""
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    if isinstance(op, ast.Pow) and not (numbers and abs(right) <= 64 and abs(left) <= 1e6):
        raise ExpressionRefused("a power like that is not calculated here")
    if isinstance(op, ast.Mod) and not numbers:
        raise ExpressionRefused("texts are not formatted here")
    if isinstance(op, ast.Mult) and not numbers:
        many = left if isinstance(left, int) else right
        if not isinstance(many, int) or many * max(_size(left), _size(right)) > SIZE:
            raise ExpressionRefused(f"something in it would be longer than {SIZE}")


def _size(value: Any) -> int:
    return len(value) if isinstance(value, Sized) else 1


def _weight(value: Any, most: int) -> int:
    """Return how much there is in it at any depth, counted no further than `most`."""
    found, todo = 0, [value]
    while todo and found <= most:
        part = todo.pop()
        found += _size(part)
        if isinstance(part, dict):
            todo.extend(part.values())
        elif isinstance(part, list):
            todo.extend(part)
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str | int | float | bool | None):
        raise ExpressionRefused("str() takes texts, numbers, true, false and null")
    return str(value)


def _integer(value: Any) -> int:
    if isinstance(value, str) and len(value) > 40:
        raise ExpressionRefused("int() of so long a text")
    return int(value)


_UNARY: Final[Mapping[type[ast.unaryop], Callable[[Any], Any]]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_BINARY: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: lambda a, b: a is b if b is None or isinstance(b, bool) else a == b,
    ast.IsNot: lambda a, b: a is not b if b is None or isinstance(b, bool) else a != b,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_EVALUATE: Final[Mapping[type[ast.expr], Callable[[_Evaluation, Any], Any]]] = {
    ast.Constant: _Evaluation.constant,
    ast.Name: _Evaluation.name,
    ast.BoolOp: _Evaluation.both,
    ast.UnaryOp: _Evaluation.unary,
    ast.BinOp: _Evaluation.binary,
    ast.Compare: _Evaluation.compare,
    ast.Subscript: _Evaluation.subscript,
    ast.IfExp: _Evaluation.choice,
    ast.List: _Evaluation.listed,
    ast.Tuple: _Evaluation.listed,
    ast.Set: _Evaluation.listed,
    ast.Dict: _Evaluation.mapping,
    ast.Call: _Evaluation.call,
}
_MAKES: Final = (ast.BinOp, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Call, ast.UnaryOp)
_ALLOWED: Final = (*_EVALUATE, *_UNARY, *_BINARY, *_COMPARE, ast.And, ast.Or, ast.Load, ast.Slice)
FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "len": len,
    "str": _text,
    "int": _integer,
    "float": float,
    "bool": bool,
    "abs": abs,
    "round": round,
    "min": min,
    "max": max,
    "sum": sum,
    "any": any,
    "all": all,
    "sorted": sorted,
}
METHODS: Final[Mapping[str, tuple[type, Callable[..., Any]]]] = {
    "get": (dict, dict.get),
    "keys": (dict, lambda value: list(value)),
    "values": (dict, lambda value: list(value.values())),
    "lower": (str, str.lower),
    "upper": (str, str.upper),
    "strip": (str, str.strip),
    "startswith": (str, str.startswith),
    "endswith": (str, str.endswith),
    "split": (str, str.split),
    "count": (str, str.count),
    "isdigit": (str, str.isdigit),
}
