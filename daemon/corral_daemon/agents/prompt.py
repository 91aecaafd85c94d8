"""What an agent is told: the task, what came before it, what it must hand over, how. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corral_protocol.codec import Json
from corral_protocol.run import Contract
from corral_protocol.vocabulary import Phase

_INLINE = 20_000
"""Characters of a JSON value that stand in the prompt; longer ones are read from their file."""
_KNOWN = frozenset(
    {"run", "contracts", "requires", "retry", "lost_host", "on_upstream_failure", "require_plan", "review"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """`specification` is the raw structured_spec; what Corral does not read itself is told to the agent.

    `terminal`: the agent sits in a terminal, where it can be told more, and which it does not leave by itself.
    """

    title: str
    spec: str = ""
    instructions: str | None = None
    specification: Mapping[str, Any] = field(default_factory=dict)
    contracts: tuple[Contract, ...] = ()
    inputs: Mapping[str, Json] = field(default_factory=dict)
    plan: Json = None
    feedback: Json = None
    phase: Phase = Phase.EXECUTE
    terminal: bool = False


def compose(briefing: Briefing) -> str:
    sections = [
        ("", f"# {_one_line(briefing.title)}\n\n{briefing.spec.strip()}"),
        ("Instructions", (briefing.instructions or "").strip()),
        ("Acceptance criteria", _bullets(briefing.specification.get("acceptance_criteria"))),
        ("Further specification", _further(briefing.specification)),
        ("Inputs from upstream tasks ($CORRAL_INPUTS)", _json(briefing.inputs) if briefing.inputs else ""),
        ("Contracts to deliver", "\n".join(_contract(contract) for contract in briefing.contracts)),
        ("The approved plan ($CORRAL_PLAN)", _quoted(briefing.plan)),
        ("Feedback on the round before ($CORRAL_FEEDBACK)", _quoted(briefing.feedback)),
        _ENDS[briefing.phase, briefing.terminal],
    ]
    return "\n\n".join(f"## {title}\n\n{text}" if title else text for title, text in sections if text) + "\n"


_EXECUTE = """\
You work without supervision: nobody answers questions here. Work in the current directory.

- Write your result to the file named by $CORRAL_RESULT, as one JSON object:
  {"summary": "…", "contracts": {KEY: VALUE}}
- Every required contract must be in it and must match its schema.
- If you cannot go on without a person, run: corral task help "$CORRAL_TASK_ID" --question "…"   and then stop.
- To leave a note for others, run: corral task note "$CORRAL_TASK_ID" --content "…"
- If the work cannot be done, say why on stderr and exit with an error."""

_PLAN = """\
Do not change anything now. Look around and answer with a plan: what you would do, in which order, and how you would
check it. If you can write files, write it to the file named by $CORRAL_RESULT as
{"plan": {"summary": "…", "steps": […]}}. A person reads it before the work begins."""

_MESSAGES = """\
- What people have to say comes as a message that begins with "Corral:", or stands in what `corral task check` prints.
- If you cannot go on without a person, run: corral task help "$CORRAL_TASK_ID" --question "…"   and then wait.
- To leave a note for others, run: corral task note "$CORRAL_TASK_ID" --content "…"
- If the work cannot be done, run: corral task fail "$CORRAL_TASK_ID" --error "…"
"""

_IN_TERMINAL = f"""\
You work in a terminal session that people can watch. Work in the current directory.

- When the work is done, write your result to the file named by $CORRAL_RESULT, as one JSON object
  {{"summary": "…", "contracts": {{KEY: VALUE}}}}, and run:
  corral task complete "$CORRAL_TASK_ID" --result-file "$CORRAL_RESULT"
- Every required contract must be in it and must match its schema. What is wrong is said; correct it, complete again.
- The session is closed once the task is done. Until you have completed it, the task is not.
{_MESSAGES.rstrip()}"""

_PLAN_IN_TERMINAL = f"""\
Do not change anything yet. Look around, then propose a plan: what you would do, in which order, and how you would check
it. Hand it in and wait in this session; a person reads it:

  corral task plan "$CORRAL_TASK_ID" --plan '{{"summary": "…", "steps": ["…"]}}'

Once it is approved you are told so, or what should be different about it. Then:

- Do the work. When it is done, write your result to the file named by $CORRAL_RESULT, as one JSON object
  {{"summary": "…", "contracts": {{KEY: VALUE}}}}, and run:
  corral task complete "$CORRAL_TASK_ID" --result-file "$CORRAL_RESULT"
- Every required contract must be in it and must match its schema.
{_MESSAGES.rstrip()}"""

_ENDS: Mapping[tuple[Phase, bool], tuple[str, str]] = {
    (Phase.EXECUTE, False): ("How to report", _EXECUTE),
    (Phase.PLAN, False): ("Plan only", _PLAN),
    (Phase.EXECUTE, True): ("How to report", _IN_TERMINAL),
    (Phase.PLAN, True): ("A plan first", _PLAN_IN_TERMINAL),
}


def _contract(contract: Contract) -> str:
    need = "required" if contract.required else "optional"
    text = f"- `{contract.key}` ({need})" + (f": {_one_line(contract.description)}" if contract.description else "")
    return text if contract.schema is None else f"{text}\n\n  schema: {json.dumps(contract.schema, ensure_ascii=False)}"


def _further(specification: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in specification.items() if key not in _KNOWN | {"acceptance_criteria"}}
    return _json(rest) if rest else ""


def _bullets(value: Json) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Sequence):
        return "\n".join(f"- {item if isinstance(item, str) else json.dumps(item)}" for item in value)
    return ""


def _json(value: Json) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return f"```json\n{text}\n```" if len(text) <= _INLINE else "(long; read it from its file)"


def _quoted(value: Json) -> str:
    """Quote what others said, line by line, so that it is told from the task itself."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return "\n".join(f"> {line}" for line in text[:_INLINE].splitlines())


def _one_line(text: str) -> str:
    return " ".join(text.split())
