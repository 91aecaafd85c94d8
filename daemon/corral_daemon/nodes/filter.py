"""Let through what a condition holds for."""

from dataclasses import dataclass

from corral_daemon.expression import Expression, ExpressionRefused
from corral_daemon.nodes.node import Chosen, Context, NodeFailed, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about
from corral_protocol.vocabulary import ErrorClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    condition: str = about(
        description="a Python-like expression over `input_data`, the outputs before by type, and `item`, one input"
    )


@node("filter", title="Filter", category="flow", handles=("main", "rejected"))
def filter_input(parameters: Parameters, context: Context) -> Chosen:
    """Goes on at `main` with its input where the condition holds, and else at `rejected`.

    A list is filtered: the items for which it holds are put out, each of them being `item` in turn.
    """
    given = context.input()
    if isinstance(given, list):
        kept = [item for item in given if holds(parameters.condition, context, item)]
        return Chosen(kept, ("main",) if kept else ("rejected",))
    return Chosen(given, ("main",) if holds(parameters.condition, context, given) else ("rejected",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    passed: bool


@node("filter_node", title="Filter (AutomateOS)", category="flow")
def filter_node(parameters: Parameters, context: Context) -> Result:
    """Passes where the condition holds, and fails where it does not, as AutomateOS does."""
    if not holds(parameters.condition, context, context.input()):
        raise NodeFailed(ErrorClass.REPORTED, "the condition does not hold", {"passed": False})
    return Result(passed=True)


def holds(condition: str, context: Context, item: Json) -> bool:
    """Raises NodeFailed for a condition that is none, or is neither true nor false."""
    try:
        found = Expression(condition).evaluate({"input_data": context.inputs_by_type(), "item": item})
    except ExpressionRefused as error:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"condition: {error}") from error
    if not isinstance(found, bool):
        raise NodeFailed(ErrorClass.BAD_INPUT, f"condition: it is {type(found).__name__}, neither true nor false")
    return found
